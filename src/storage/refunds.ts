import type { Effect } from '../ledger/command.ts'
import type { Sql } from './database.ts'

/** Row: the refund's transaction, the original. */
export const refundMade: Effect = {
  name: 'refund-made',
  text: 'insert into refund (transaction_id, original_id) select * from unnest($1::uuid[], $2::uuid[])',
}

/** Adds to what was refunded of an original; more than its amount breaks `refund_within_original`. Row: original, its amount, the refund's. */
export const refundCounted: Effect = {
  name: 'refund-counted',
  bound: {
    check: 'refund_within_original',
    of: ([, amount, refund]) => ({ cap: BigInt(amount as string), adds: BigInt(refund as string) }),
  },
  text: `insert into refund_total as total (original_id, amount, refunded)
    select original, max(amount), sum(refund)
    from unnest($1::uuid[], $2::bigint[], $3::bigint[]) as u (original, amount, refund) group by original order by original
    on conflict (original_id) do update set refunded = total.refunded + excluded.refunded`,
}

/** A movement of one leg, as a refund sees it. */
export type Original = {
  readonly kind: string
  /** account ids: who paid, who was paid */
  readonly source: bigint
  readonly target: bigint
  readonly amount: bigint
  readonly legs: number
}

/** @param id a UUID */
export async function findOriginal(sql: Sql, id: string): Promise<Original | undefined> {
  const rows = await sql.query<Original>(
    `select t.kind, x.source, x.target, x.amount, (count(*) over ())::int as legs
     from transaction t join transfer x on x.transaction_id = t.id where t.id = $1 order by x.leg limit 1`,
    [id],
  )
  return rows[0]
}

/** What was refunded of a payment or charge so far; minor units. */
export async function readRefunded(sql: Sql, original: string): Promise<bigint> {
  const rows = await sql.query<{ refunded: bigint }>('select refunded from refund_total where original_id = $1', [
    original,
  ])
  return rows[0]?.refunded ?? 0n
}
