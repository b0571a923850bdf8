import type { Sql } from '../../storage/database.ts'
import { countTies } from '../../storage/people.ts'
import type { Subject } from './subject.ts'

/** What keeps a person from being erased. */
export const TIES = {
  balance: 'wallets have a balance or something reserved: pay it out first',
  'last-operator': 'this is the only operator: make another one first',
  cards: 'gift cards with value are kept: spend them or hand them on first',
  purchases: 'purchases are not paid yet: pay them first',
  business: 'the party runs a business here: end that first',
} as const

export type Tie = keyof typeof TIES

/** None: the person can be erased. */
export async function tiesOf(sql: Sql, subject: Subject): Promise<Tie[]> {
  const { partyId, emails, operator, whole, wallets } = subject
  const { cards, purchases, business, other_operators } = await countTies(sql, partyId, emails)
  const full = wallets.some(({ balance, held, incoming }) => balance !== 0n || held !== 0n || incoming !== 0n)
  const found: Record<Tie, boolean> = {
    balance: full,
    'last-operator': operator && other_operators === 0n,
    cards: whole && cards > 0n,
    purchases: whole && purchases > 0n,
    business: whole && business > 0n,
  }
  return (Object.keys(found) as Tie[]).filter((tie) => found[tie])
}
