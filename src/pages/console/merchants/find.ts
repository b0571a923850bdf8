import { requireMerchant } from '../../../operations/purchases/require-merchant.ts'
import type { Merchant } from '../../../storage/merchants.ts'
import { found, requireOwn } from '../act-form.ts'
import type { ConsoleCall, ConsoleDeps, Role } from '../route.ts'

/** Who has a merchant's secrets and settings. */
export const KEEPERS: readonly Role[] = ['operator', 'owner']

/** By `mer_…` or id; another party's is not there. */
export async function oneMerchant(deps: ConsoleDeps, call: ConsoleCall): Promise<Merchant> {
  const merchant = await found(requireMerchant(deps.db, call.param('id')))
  requireOwn(call, merchant.partyId)
  return merchant
}
