import { isUuid } from '../../../operations/input.ts'
import { CALL_PROTOCOLS, type CallFilter } from '../../../storage/api-calls.ts'
import { findMerchant } from '../../../storage/merchants.ts'
import { findPartnerListing } from '../../../storage/partners.ts'
import { dayOf, oneOf, partyOf } from '../gift-parts.ts'
import { filterOf } from '../list.ts'
import type { ConsoleCall, ConsoleDeps } from '../route.ts'

/** Fields of the search, as they stand in the address. */
export const CALL_FIELDS = ['business', 'protocol', 'status', 'route', 'request', 'from', 'to'] as const

/** What the reader looks for. @returns null: in a business that is not there */
export async function callFilter(deps: ConsoleDeps, call: ConsoleCall): Promise<CallFilter | null> {
  const { query } = call
  const own = partyOf(call)
  const named = own === undefined ? filterOf(query, 'business') : undefined
  const partyId = own ?? (named === undefined ? undefined : await findBusiness(deps, named))
  if (partyId === null) return null
  const status = filterOf(query, 'status')
  return {
    partyId,
    protocol: oneOf(query, 'protocol', CALL_PROTOCOLS),
    status: status === 'refused' ? status : /^\d{3}$/.test(status ?? '') ? Number(status) : undefined,
    route: filterOf(query, 'route'),
    requestId: filterOf(query, 'request'),
    from: dayOf(query, 'from'),
    until: dayOf(query, 'to', 1),
  }
}

/** A business by its own id, or by what one of its partners or merchants is called. */
async function findBusiness({ db }: ConsoleDeps, name: string): Promise<string | null> {
  const merchant = name.startsWith('mer_') ? await findMerchant(db, { uid: name }) : undefined
  if (merchant) return merchant.partyId
  const partner = await findPartnerListing(db, name)
  return partner?.partyId ?? (isUuid(name) ? name : null)
}
