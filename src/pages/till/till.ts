import { LedgerUnavailable } from '../../ledger/command.ts'
import { lookUpCard } from '../../operations/gift-cards/look-up-card.ts'
import { redeemCard } from '../../operations/gift-cards/redeem-card.ts'
import { type CardUseResult, refusalOfState } from '../../operations/gift-cards/use-card.ts'
import { listRedemptions, listTillWallets, type OwnCard, type TillWallet } from '../../storage/card-use.ts'
import { findWalletById } from '../../storage/wallets.ts'
import type { CardPagesDeps } from '../cards/deps.ts'
import { formatMoney } from '../format.ts'
import { readForm } from '../forms.ts'
import { PageProblem } from '../problem.ts'
import { type PageContext, sessionOf } from '../session.ts'
import { readAmount } from '../wallet/amount.ts'
import { makeKey, requireKey } from '../wallet/attempt.ts'
import { isUuid } from '../wallet/uuid.ts'
import { type Draft, type Problems, tillPage } from './till-view.ts'
import { tillWords as words } from './words.ts'

const WALLETS = 100
const REDEMPTIONS = 20

/** @throws {PageProblem} for people whose party is no business with a wallet to take money into */
export async function requireTill({ db }: Pick<CardPagesDeps, 'db'>, c: PageContext): Promise<TillWallet[]> {
  const wallets = await listTillWallets(db, sessionOf(c).partyId, WALLETS)
  if (wallets.length === 0) throw new PageProblem('forbidden')
  return wallets
}

/** `GET /till?before=` */
export async function showTill(deps: CardPagesDeps, c: PageContext): Promise<Response> {
  await requireTill(deps, c)
  return show(deps, c, { draft: { code: '', amount: '', wallet: '', key: makeKey() } })
}

type Shown = {
  draft: Draft
  card?: OwnCard
  choices?: TillWallet[]
  problems?: Problems
  status?: 200 | 422 | 429 | 503
}

async function show(deps: CardPagesDeps, c: PageContext, shown: Shown): Promise<Response> {
  const before = c.req.query('before') ?? ''
  const from = isUuid(before) ? before : undefined
  const rows = await listRedemptions(deps.db, {
    partyId: sessionOf(c).partyId,
    before: from,
    limit: REDEMPTIONS + 1,
  })
  const redemptions = rows.slice(0, REDEMPTIONS)
  const next = rows.length > REDEMPTIONS ? redemptions.at(-1)?.id : undefined
  return tillPage(deps, c, { ...shown, redemptions, next, paged: from !== undefined })
}

/**
 * `POST /till`: `step` is `look` (shows the card) or `redeem`. The key comes with the form and stays until it has its answer, so
 * however often it is sent it is taken once.
 */
export async function useTill(deps: CardPagesDeps, c: PageContext): Promise<Response> {
  const language = c.get('language')
  const { partyId } = sessionOf(c)
  const form = await readForm(c)
  const wallets = await requireTill(deps, c)
  const field = (name: string) => (form.get(name) ?? '').trim().slice(0, 100)
  const draft: Draft = {
    code: field('code'),
    amount: field('amount'),
    wallet: field('wallet'),
    key: requireKey(form),
  }
  const refuse = (problems: [string, string][], more: Partial<Shown> = {}) =>
    show(deps, c, { draft, problems: new Map(problems), status: 422, ...more })
  if (draft.code === '') return refuse([['code', words(language, 'missingCode')]])
  const found = await lookUpCard(deps.gift, draft.code, { id: partyId, address: c.get('address') })
  if (found.status === 'unknown') return refuse([['code', words(language, 'unknown')]])
  if (found.status === 'wait') {
    c.header('retry-after', String(found.seconds))
    return refuse([['code', words(language, 'wait', { seconds: found.seconds })]], { status: 429 })
  }
  const { card } = found
  const fitting = wallets.filter((wallet) => wallet.asset_id === card.asset_id)
  const shown = { card, ...(fitting.length > 1 && { choices: fitting }) }
  if (form.get('step') !== 'redeem') {
    const state = refusalOfState(card, deps.clock())
    const problems = state ? new Map([['code', words(language, state)]]) : undefined
    return show(deps, c, { draft, ...shown, ...(problems && { problems }) })
  }
  const amount = readAmount(draft.amount, card.exponent, language)
  if (typeof amount === 'string') return refuse([['amount', words(language, amount)]], shown)
  if (fitting.length === 0) return refuse([['code', words(language, 'noWallet', { currency: card.currency })]], shown)
  const chosen = fitting.length === 1 ? fitting[0] : fitting.find(({ explicit_id: id }) => id === draft.wallet)
  const wallet = chosen && (await findWalletById(deps.db, chosen.id))
  if (!wallet) return refuse([['wallet', words(language, 'chooseWallet')]], shown)
  const ask = { actor: `person:${partyId}`, key: draft.key, card, wallet, amount }
  const result = await attempt(() => redeemCard(deps.gift, ask))
  if (result === 'unavailable' || result === 'outcome-unknown')
    return refuse([['form', words(language, result)]], { ...shown, status: 503 })
  if (result.accepted) return c.redirect(`/till/redemptions/${result.reference}?done=redeemed`, 303)
  const available = formatMoney(card.balance - card.held, { code: card.currency, exponent: card.exponent }, language)
  const text = words(language, result.code, { available, brand: card.brand_name, amount: '' })
  const place = result.code === 'insufficient-balance' ? 'amount' : 'code'
  // The refusal is the key's answer for ever; another try is another redemption.
  return refuse([[place, text]], { ...shown, draft: { ...draft, key: makeKey() } })
}

/** A ledger that cannot be reached is told apart from one whose answer was lost: then the same form goes again. */
export async function attempt(
  work: () => Promise<CardUseResult>,
): Promise<CardUseResult | 'unavailable' | 'outcome-unknown'> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof LedgerUnavailable) return error.unknown ? 'outcome-unknown' : 'unavailable'
    throw error
  }
}
