import { randomBytes } from 'node:crypto'
import type { Keyring } from '../../credentials/keyring.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import type { Sql } from '../../storage/database.ts'
import { type Company, findMerchant, insertCompany, insertMerchant, type Merchant } from '../../storage/merchants.ts'
import { findWallet, type Wallet } from '../../storage/wallets.ts'
import { OperationRefusal, requireName } from '../input.ts'
import { requireParty } from '../require-party.ts'
import { isKept } from '../send-payment.ts'
import { normalWalletId } from '../show-wallet.ts'
import { type PlanInput, readHosts, readLinkSeconds, readPlan, readUrl } from './merchant-input.ts'
import { requireCompany } from './require-merchant.ts'

type Deps = { db: Sql; keyring: Keyring; clock: () => number }

/** Groups the merchants of a business, one for each currency. */
export async function createCompany(
  deps: Pick<Deps, 'db' | 'clock'>,
  input: { partyId: string; name: string },
): Promise<Company> {
  const name = requireName(input.name)
  const party = await requireParty(deps.db, input.partyId)
  const id = uuidV7(deps.clock())
  const company = { id, uid: `cmp_${id}`, partyId: party.id, name }
  await insertCompany(deps.db, company)
  return company
}

export type CreateMerchantInput = {
  partyId: string
  name: string
  /** that is paid: of the merchant's party; explicit or opaque id */
  wallet: string
  /** `cmp_…` or id, of the same party */
  company?: string
  /** pays for what is paid later: a wallet in the namespace `financing`, in the same currency and circle */
  financing?: string
  /** gets the fees of plans; in the same currency and circle */
  fees?: string
  plans: readonly PlanInput[]
  requiresSignature?: boolean
  manualCapture?: boolean
  linkSeconds?: number
  paymentNotificationUrl?: string
  errorNotificationUrl?: string
  redirectHosts?: readonly string[]
}

/** `secret` is shown this once. */
export type CreatedMerchant = { readonly merchant: Merchant; readonly secret: string }

/** Lets a business sell by the Pledg protocol, in one currency. @param deps.db a transaction's @throws {OperationRefusal} */
export async function createMerchant(deps: Deps, input: CreateMerchantInput): Promise<CreatedMerchant> {
  const name = requireName(input.name)
  const party = await requireParty(deps.db, input.partyId)
  const wallet = await requireWallet(deps.db, 'wallet', input.wallet)
  if (wallet.partyId !== party.id || isKept(wallet))
    throw new OperationRefusal('invalid_input', 'wallet', 'the wallet is not one that the party is paid into')
  const beside = async (field: 'financing' | 'fees', id: string | undefined) => {
    const found = id === undefined ? null : await requireWallet(deps.db, field, id)
    if (found && (found.asset.id !== wallet.asset.id || found.id === wallet.id))
      throw new OperationRefusal('invalid_input', field, 'is another wallet, in the same currency and circle')
    return found
  }
  const financing = await beside('financing', input.financing)
  if (financing && financing.namespace !== 'financing')
    throw new OperationRefusal('invalid_input', 'financing', 'is a wallet of the namespace financing')
  const fees = await beside('fees', input.fees)
  if (fees && fees.id === financing?.id)
    throw new OperationRefusal('invalid_input', 'fees', 'go to another wallet than that of financing')
  const company = input.company === undefined ? null : await requireCompany(deps.db, input.company)
  if (company && company.partyId !== party.id)
    throw new OperationRefusal('invalid_input', 'company', 'the company is of another party')
  const plans = input.plans.map((plan) =>
    readPlan(plan, { wallet, financing: financing?.id ?? null, fees: fees?.id ?? null }),
  )
  if (new Set(plans.map((plan) => plan.name)).size !== plans.length)
    throw new OperationRefusal('invalid_input', 'plans', 'two plans have one name')
  const id = uuidV7(deps.clock())
  const secret = makeMerchantSecret()
  await insertMerchant(deps.db, {
    id,
    uid: `mer_${id}`,
    partyId: party.id,
    companyId: company?.id ?? null,
    name,
    walletId: wallet.id,
    financing: financing?.id ?? null,
    fees: fees?.id ?? null,
    secret: sealMerchantSecret(deps.keyring, id, secret),
    requiresSignature: input.requiresSignature ?? true,
    manualCapture: input.manualCapture ?? false,
    linkSeconds: readLinkSeconds(input.linkSeconds ?? 86_400),
    paymentNotificationUrl: readUrl('payment_notification_url', input.paymentNotificationUrl ?? null),
    errorNotificationUrl: readUrl('error_notification_url', input.errorNotificationUrl ?? null),
    redirectHosts: readHosts(input.redirectHosts ?? []),
    plans,
  })
  return { merchant: (await findMerchant(deps.db, { id })) as Merchant, secret }
}

/** 256 random bits: 64 characters, of which the text itself is the key. */
export const makeMerchantSecret = (): string => randomBytes(32).toString('hex')

export const sealMerchantSecret = (keyring: Pick<Keyring, 'seal'>, id: string, secret: string): Buffer =>
  keyring.seal(secret, `merchant:${id}:secret`)

async function requireWallet(sql: Sql, field: string, id: string): Promise<Wallet> {
  const wallet = await findWallet(sql, normalWalletId(id, field))
  if (!wallet) throw new OperationRefusal('not_found', field, 'there is no such wallet')
  return wallet
}
