import type { CardSecrets } from '../../../src/credentials/card-codes.ts'
import { createVelocityRules } from '../../../src/operations/gift-cards/velocity.ts'
import type { Brand } from '../../../src/storage/brands.ts'
import type { CardRow } from '../../../src/storage/cards.ts'
import type { Partner } from '../../../src/storage/partners.ts'
import type { Wallet } from '../../../src/storage/wallets.ts'
import { type Move, moved, reasonAgainst, reserved } from './books.ts'
import type { Deps } from './installation.ts'
import type { Action, Stage } from './life.ts'
import type { PartnerState, Sale } from './partners-state.ts'
import type { Next } from './search.ts'
import type { Vendor } from './upstream.ts'

export type Subject = 'partner' | 'card' | 'recipient' | 'address'
/** Whose use a purchase is, beside the partner's. */
export type Whose = Partial<Record<Exclude<Subject, 'partner'>, string>>

export type PartnerScene = {
  readonly stage: Stage
  readonly partner: Partner
  readonly mint: Wallet
  readonly shop: Wallet
  readonly own: Brand
  readonly bought: Brand
  readonly vendor: Vendor
  readonly plastic: readonly CardSecrets[]
  /** what the brands give, hundredths of a percent, who keeps it, and what may be bought in a day, by whose use is counted */
  readonly terms: {
    readonly bp: number
    readonly keeper: 'partner' | 'operator'
    readonly most: Readonly<Partial<Record<Subject, readonly [count: number, amount: number]>>>
  }
  /** the same party as the partner's, and another one */
  readonly parties: { readonly mine: string; readonly other: string }
  pick<T>(of: readonly T[]): T
  /** where a request comes from */
  whose(): { address: string }
  key(): string
  /** the name of a request: a new one, or now and then one that was used before */
  request(state: PartnerState): string
}

export type PartnerAction = Action<PartnerState>
export type Choose = (state: PartnerState) => PartnerAction

export const GREATEST = 5_000
export const LEAST = 100
export const DAY = 86_400_000

export const no = (state: PartnerState, ...reasons: string[]): Next<PartnerState>[] =>
  reasons.map((reason) => ({ state, answer: `no ${reason}` }))
export const ok = (state: PartnerState): Next<PartnerState>[] => [{ state, answer: 'ok' }]

/** What a repeat of a request is told; null: it is a new one. */
export function repeated(state: PartnerState, name: string, content: string): Next<PartnerState>[] | null {
  const known = state.requests[name]
  if (known === undefined) return null
  return known === content ? ok(state) : no(state, 'request-conflict')
}

/** What a card of a value costs: the discount is rounded down. */
export function priceOf({ terms }: PartnerScene, face: number): Pick<Sale, 'cost' | 'revenue'> {
  const discount = Math.floor((face * terms.bp) / 10_000)
  return terms.keeper === 'partner' ? { cost: face - discount, revenue: 0 } : { cost: face, revenue: discount }
}

/** The limits' counts go up; or the words of what is reached, any of which may be told. */
export function counted(
  { terms }: PartnerScene,
  state: PartnerState,
  { now, face, whose }: { now: number; face: number; whose: Whose },
): { state: PartnerState } | { reasons: string[] } {
  const used = { ...state.used }
  const reasons: string[] = []
  for (const [subject, [mostCount, mostAmount]] of Object.entries(terms.most)) {
    const who = subject === 'partner' ? 'itself' : whose[subject as keyof Whose]
    if (who === undefined) continue
    const row = `${subject} ${who} ${Math.floor(now / DAY)}`
    const [count, amount] = used[row] ?? [0, 0]
    used[row] = [count + 1, amount + face]
    const word = subject === 'partner' ? 'velocity' : `velocity-${subject}`
    if (count + 1 > mostCount) reasons.push(`${word}-count`)
    if (amount + face > mostAmount) reasons.push(`${word}-amount`)
  }
  return reasons.length > 0 ? { reasons } : { state: { ...state, used } }
}

/** The float pays, or holds the price; what is missing is told before what the limit says. */
export function bought(
  scene: PartnerScene,
  state: PartnerState,
  {
    moves,
    hold,
    face,
    now,
    whose,
    rules = [],
  }: { moves: Move[]; hold?: Move; face: number; now: number; whose: Whose; rules?: string[] },
): { state: PartnerState } | { reasons: string[] } {
  const why = hold && reasonAgainst(state, hold)
  const after = hold ? { state: reserved(state, hold) } : moved(state, moves)
  if (why || 'code' in after) {
    const { code, account } = (why ?? after) as { code: string; account: string }
    if (code === 'target-closed') return { reasons: ['card-ended'] }
    return { reasons: [account === 'float' ? 'insufficient-float' : 'refused'] }
  }
  const use = counted(scene, after.state, { now, face, whose })
  const reasons = [...rules, ...('reasons' in use ? use.reasons : [])]
  return reasons.length > 0 ? { reasons } : use
}

/** Limits as this life's servers know them: those of other lives are not looked through. */
export const limited = ({ partner }: PartnerScene, deps: Deps): Deps => ({
  ...deps,
  velocity: createVelocityRules({
    query: (text, values) =>
      deps.db.query(
        text.replace('from velocity_rule', `from velocity_rule where partner_id = '${partner.id}'`),
        values,
      ),
  }),
})

/** The card of a plastic card's code; undefined: it has no value yet. */
export async function findPlastic(scene: PartnerScene, deps: Deps, name: string): Promise<CardRow | undefined> {
  const { code } = scene.plastic[Number(name.slice(1))] as CardSecrets
  return (await deps.db.query<CardRow>('select * from card where code_hash = $1', [deps.cardHasher.own(code)]))[0]
}

export async function findSaleId({ partner }: PartnerScene, deps: Deps, name: string): Promise<string> {
  const rows = await deps.db.query<{ id: string }>(
    'select id from gift_order where partner_id = $1 and request_id = $2',
    [partner.id, name],
  )
  return rows[0]?.id as string
}
