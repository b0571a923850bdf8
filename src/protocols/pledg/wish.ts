import type { PurchaseWish } from '../../operations/purchases/create-purchase.ts'
import type { PurchaseDetails } from '../../operations/purchases/purchase-details.ts'
import type { Merchant } from '../../storage/merchants.ts'
import { readAddress } from './addresses.ts'
import type { PledgDeps } from './call.ts'
import { invalid } from './errors.ts'
import { read } from './read-request.ts'
import { type PurchaseParameters, purchase } from './schema.ts'

const ADDRESSES = ['redirectUrl', 'cancelUrl', 'paymentNotificationUrl', 'errorNotificationUrl'] as const

/**
 * A purchase that somebody wishes, from its parameters.
 * @param signed whether the merchant has vouched for them
 * @throws {PledgProblem}
 */
export function readWish(
  { config: { mode } }: Pick<PledgDeps, 'config'>,
  merchant: Merchant,
  data: Record<string, unknown>,
  signed: boolean,
): PurchaseWish {
  const parameters = read(purchase, data)
  const { currency, reference, amountCents, title, secondInstallmentPaymentDate: secondDate } = parameters
  if (currency !== undefined && currency !== merchant.wallet.asset.code)
    throw invalid('currency', `is not that of the merchant, ${merchant.wallet.asset.code}`)
  const addresses: Partial<Record<(typeof ADDRESSES)[number], string>> = {}
  for (const field of ADDRESSES) {
    const address = readAddress(field, parameters[field], { mode, signed, hosts: merchant.redirectHosts })
    if (address !== null) addresses[field] = address
  }
  return {
    reference,
    amount: BigInt(amountCents),
    title,
    ...(secondDate !== undefined && { secondDate }),
    details: { ...detailsOf(parameters), ...addresses },
  }
}

function detailsOf(parameters: PurchaseParameters): PurchaseDetails {
  const { email, firstName, lastName, subtitle, lang, metadata } = parameters
  const { civility, phoneNumber, address, shippingAddress } = parameters
  const { birthDate, birthCity, birthZipcode, birthCountry } = parameters
  const more = { civility, phoneNumber, address, shippingAddress, birthDate, birthCity, birthZipcode, birthCountry }
  const said = Object.fromEntries(Object.entries(more).filter(([, value]) => value !== undefined))
  return {
    email,
    firstName,
    lastName,
    ...(subtitle !== undefined && { subtitle }),
    ...(lang !== undefined && { language: lang.startsWith('fr') ? 'fr' : 'en' }),
    ...(metadata !== undefined && { metadata }),
    ...(Object.keys(said).length > 0 && { more: said }),
  }
}
