import { type Effect, once } from '../../src/ledger/command.ts'

// The simulated database knows these by name; their texts are what PostgreSQL would be told.

/** Single use by a primary key, with a row that tells of the decision. */
export const useTicket: Effect = { name: 'ticket', text: 'insert into ticket (id, left) select …' }

/** Single use by a check that the committer may know of before. */
export const settleInvoice: Effect = {
  name: 'invoice',
  text: 'insert into invoice_end … check (ends <= 1)',
  bound: once('invoice_once'),
}

/** [payment, cap, amount] */
export const refundPayment: Effect = {
  name: 'refund',
  text: 'insert into refund_total … check (used <= cap)',
  bound: {
    check: 'refund_total',
    of: ([, cap, amount]) => ({ cap: BigInt(cap as string), adds: BigInt(amount as string) }),
  },
}

/** What a row does to the simulated tables: `sum` of its name stays at or below `cap`, or the row is refused. */
export type Sum = {
  readonly name: string
  readonly adds: bigint
  readonly cap: bigint
  readonly code: 'already-exists' | 'effect-refused'
  readonly constraint: string
}

/** All three effects are sums below a cap: a primary key is one of at most 1. */
export function sumOf(effect: string, row: readonly (string | null)[]): Sum {
  const name = `${effect} ${row[0]}`
  if (effect === 'ticket') return { name, adds: 1n, cap: 1n, code: 'already-exists', constraint: 'ticket_pkey' }
  if (effect === 'invoice') return { name, adds: 1n, cap: 1n, code: 'effect-refused', constraint: 'invoice_once' }
  const [, cap, amount] = row
  return {
    name,
    adds: BigInt(amount as string),
    cap: BigInt(cap as string),
    code: 'effect-refused',
    constraint: 'refund_total',
  }
}
