import { networkOf } from '../../credentials/address.ts'
import { LedgerUnavailable } from '../../ledger/command.ts'
import { type ReserveRefusal, reserveVoucher } from '../../operations/jackpot/reserve-voucher.ts'
import type { Store } from '../../storage/voucher-offers.ts'
import { readFields } from '../forms.ts'
import { PageProblem } from '../problem.ts'
import type { PageContext } from '../session.ts'
import { type Chooser, showStore } from './choose.ts'
import type { EmbedDeps } from './deps.ts'
import { voucherPath } from './reader.ts'
import { embedWords as words } from './words.ts'

/** What is not about this card, but about the partner: another card would be refused, too. */
const PARTNERS: ReadonlySet<ReserveRefusal> = new Set<ReserveRefusal>([
  'float-missing',
  'insufficient-float',
  'float-full',
  'velocity-count',
  'velocity-amount',
  'velocity-recipient-count',
  'velocity-recipient-amount',
  'velocity-address-count',
  'velocity-address-amount',
  'refused',
])

/**
 * `POST /embed/jackpot/:key/reserve`. No one but a reader of the page knows its path, and nothing else of the browser's is used, so
 * there is nothing to forge. However often it is sent, a session reserves once.
 */
export async function reserveOnPage(
  deps: EmbedDeps,
  c: PageContext,
  reader: Chooser,
  findStore: (id: string) => Promise<Store>,
): Promise<Response> {
  const language = c.get('language')
  // What browsers say of where a form came from, where they do: a page around the frame sends none of ours.
  if (!['same-origin', 'none', undefined].includes(c.req.header('sec-fetch-site')))
    throw new PageProblem('form-foreign')
  const fields = await readFields(c)
  const store = await findStore(fields.get('store') ?? '')
  const chosen = fields.get('card')
  const [offerId = '', value = ''] = (chosen ?? '').split(':')
  const again = (problem: string, status: 409 | 422 | 503) =>
    showStore(deps, c, reader, { store, chosen, problem, status })
  if (!/^[1-9]\d{0,17}$/.test(value)) return again(words(language, 'not-chosen'), 422)
  const wish = {
    session: reader.session,
    storeId: store.brand.id,
    offerId,
    by: 'value',
    amount: BigInt(value),
    address: networkOf(c.get('address')),
  } as const
  try {
    const result = await reserveVoucher(deps.gift, wish)
    if ('voucher' in result) return c.redirect(voucherPath(deps, reader.key, result.voucher), 303)
    // Somebody with the same session was first: its page shows what there is.
    if (result.refusal === 'session-ended') return c.redirect(`/embed/jackpot/${reader.path}`, 303)
    return again(words(language, PARTNERS.has(result.refusal) ? 'is-short' : 'is-gone'), 409)
  } catch (error) {
    if (!(error instanceof LedgerUnavailable)) throw error
    return again(words(language, error.unknown ? 'try-again' : 'is-short'), 503)
  }
}
