import type { PurchaseState } from '../domain/purchase.ts'
import type { Sql } from './database.ts'
import { byName, lowerName, where } from './where.ts'

// What the console shows of purchases and merchants. Amounts in minor units of the merchant's asset.

export type PurchaseListing = {
  readonly id: string
  readonly uid: string
  readonly merchant_id: string
  readonly merchant_name: string
  /** whose the merchant is */
  readonly merchant_party: string
  readonly reference: string
  readonly title: string
  readonly state: PurchaseState
  readonly amount: bigint
  readonly captured: bigint | null
  readonly credited: bigint
  readonly plan: string | null
  readonly code: string
  readonly exponent: number
  readonly created_at: Date
  readonly decided_at: Date | null
}

export type PurchaseSearch = {
  /** whose merchants; absent: everybody's */
  readonly partyId?: string | undefined
  readonly merchantId?: string | undefined
  readonly reference?: string | undefined
  readonly state?: PurchaseState | undefined
  /** party that accepted it */
  readonly person?: string | undefined
  /** made from then on, and before then; ids that bound the search are given with them */
  readonly from?: { readonly at: Date; readonly id: string } | undefined
  readonly until?: { readonly at: Date; readonly id: string } | undefined
  /** id of the last one of the page before */
  readonly after?: string | undefined
  readonly limit: number
}

const COLUMNS = `p.id, p.uid, p.merchant_id, m.name as merchant_name, m.party_id as merchant_party, p.reference, p.title, p.state,
  p.amount, p.captured, p.credited, p.plan, s.code, s.exponent, p.created_at, p.decided_at`

/**
 * Newest first. Of a party each merchant's newest are read from its own part of an index, so that it costs nothing what others sell:
 * the order within is only that index's, or the planner would walk through everybody's.
 */
export function searchPurchases(sql: Sql, search: PurchaseSearch): Promise<PurchaseListing[]> {
  const { partyId, merchantId, reference, state, person, from, until, after, limit } = search
  const own = where(
    [
      ['p.merchant_id = $', merchantId],
      ['p.reference = $', reference],
      ['p.state = $', state],
      ['p.party_id = $', person],
      ['p.created_at >= $', from?.at],
      ['p.id >= $', from?.id],
      ['p.created_at < $', until?.at],
      ['p.id < $', until?.id],
      ['p.id < $', after],
    ],
    partyId === undefined ? [limit] : [limit, partyId],
  )
  const page =
    partyId === undefined
      ? `select * from purchase p where ${own.text} order by p.id desc limit $1`
      : `select q.* from merchant o cross join lateral (
           select * from purchase p where p.merchant_id between o.id and o.id and ${own.text}
           order by p.merchant_id, p.id desc limit $1
         ) q where o.party_id = $2 order by q.id desc limit $1`
  return sql.query<PurchaseListing>(
    `select ${COLUMNS} from (${page}) p join merchant m on m.id = p.merchant_id join asset s on s.id = p.asset_id
     order by p.id desc`,
    own.values,
  )
}

export type PurchaseEntry = {
  readonly transaction: string
  readonly kind: string
  readonly at: Date
  readonly amount: bigint
  /** explicit ids */
  readonly source: string | null
  readonly target: string | null
}

/** What a purchase moved in the ledger, oldest first. @param transactions ids that its rows name */
export function listPurchaseEntries(sql: Sql, transactions: readonly string[]): Promise<PurchaseEntry[]> {
  const name = (w: string) => `${w}.namespace || ':' || ${w}.number || ':' || ${w}.currency`
  return sql.query<PurchaseEntry>(
    `select x.id as transaction, x.kind, x.at, t.amount, ${name('a')} as source, ${name('b')} as target
     from transaction x join transfer t on t.transaction_id = x.id
     left join wallet a on a.id = t.source left join wallet b on b.id = t.target
     where x.id = any($1::uuid[]) order by x.at, x.id, t.leg limit 500`,
    [transactions],
  )
}

export type MerchantListing = {
  readonly id: string
  readonly uid: string
  readonly name: string
  readonly party_id: string
  readonly party_name: string
  /** explicit id */
  readonly wallet: string
  readonly currency: string
  readonly plans: string[]
  readonly created_at: Date
  readonly disabled_at: Date | null
}

/** In the order in which they were made; searched by name, in that of their names. @param search.name how it begins, in any case */
export function searchMerchants(
  sql: Sql,
  {
    partyId,
    name,
    after,
    limit,
  }: { partyId?: string | undefined; name?: string | undefined; after?: string | undefined; limit: number },
): Promise<MerchantListing[]> {
  const { conditions, order } = byName({ table: 'merchant', alias: 'm', name: lowerName, beginning: name, after })
  const of = where([['m.party_id = $', partyId], ...conditions], [limit])
  return sql.query<MerchantListing>(
    `select m.id, m.uid, m.name, m.party_id, p.name as party_name,
       w.namespace || ':' || w.number || ':' || w.currency as wallet, w.currency, m.created_at, m.disabled_at,
       array(select n.name from merchant_plan n where n.merchant_id = m.id order by n.name) as plans
     from merchant m join party p on p.id = m.party_id join wallet w on w.id = m.wallet_id
     where ${of.text} order by ${order} limit $1`,
    of.values,
  )
}
