import { type Effect, once } from '../ledger/command.ts'
import { purchaseCreditedTold, purchasePartPaidTold, purchaseStateTold } from './event-facts.ts'

// What a transaction of the ledger writes about a purchase. Rows of purchases and parts must be known to exist: none is ever
// deleted. Each update adds up the rows of a batch first, so that two of one batch meet the check as well. Effects on parts have no
// bound: one command may write several, and a refusal does not tell which of them was too much.

/**
 * Accepts, cancels or expires a purchase: the first one does (`purchase_decided_once`), and accepts it in time
 * (`purchase_in_time`). Row: purchase, transaction, state, moment of the due clock; of an acceptance also key, party, wallet,
 * plan, its kind and terms, end of the authorization, what the merchant is paid at once; all of these may be null.
 */
export const purchaseDecided: Effect = {
  name: 'purchase-decided',
  told: purchaseStateTold,
  bound: once('purchase_decided_once'),
  text: `update purchase p set decisions = p.decisions + u.count, state = u.state, decided_by = u.by, decided_at = u.at,
      request_key = u.key, party_id = u.party, wallet_id = u.wallet, plan = u.plan, kind = u.kind, terms = u.terms,
      authorized_until = u.until, captured = u.captured, settlements = p.settlements + u.paid,
      settled_by = case u.paid when 0 then p.settled_by else u.by end,
      settled_at = case u.paid when 0 then p.settled_at else u.at end
    from (
      select purchase, count(*) as count, count(captured) as paid, (array_agg(by))[1] as by, (array_agg(state))[1] as state,
        (array_agg(at))[1] as at, (array_agg(key))[1] as key, (array_agg(party))[1] as party,
        (array_agg(wallet))[1] as wallet, (array_agg(plan))[1] as plan, (array_agg(kind))[1] as kind,
        (array_agg(terms))[1] as terms, (array_agg(until))[1] as until, (array_agg(captured))[1] as captured
      from unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::text[], $6::uuid[], $7::bigint[], $8::text[],
        $9::text[], $10::jsonb[], $11::timestamptz[], $12::bigint[])
        as v (purchase, by, state, at, key, party, wallet, plan, kind, terms, until, captured)
      group by purchase order by purchase
    ) as u where p.id = u.purchase`,
}

/**
 * Pays an accepted purchase out, or voids it: once (`purchase_settled_once`). Row: purchase, transaction, state, moment
 * of the due clock, what the merchant was paid or null.
 */
export const purchaseSettled: Effect = {
  name: 'purchase-settled',
  told: purchaseStateTold,
  bound: once('purchase_settled_once'),
  text: `update purchase p set settlements = p.settlements + u.count, state = u.state, settled_by = u.by, settled_at = u.at,
      captured = u.captured
    from (
      select purchase, count(*) as count, (array_agg(by))[1] as by, (array_agg(state))[1] as state, (array_agg(at))[1] as at,
        (array_agg(captured))[1] as captured
      from unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::bigint[]) as v (purchase, by, state, at, captured)
      group by purchase order by purchase
    ) as u where p.id = u.purchase`,
}

/** Uses a reference up; one that was used breaks `purchase_reference_once`. Row: merchant, reference, purchase. */
export const referenceUsed: Effect = {
  name: 'purchase-reference-used',
  text: `insert into purchase_reference (merchant_id, reference, purchase_id)
    select * from unnest($1::uuid[], $2::text[], $3::uuid[])`,
}

/** Row: hold, purchase, source, target, amount, role. */
export const purchaseHeld: Effect = {
  name: 'purchase-held',
  text: `insert into purchase_hold (id, purchase_id, source, target, amount, role)
    select * from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[])`,
}

/** Row: id, purchase, number, amount, fee, due day, paid, fee paid, state, next attempt or null, transaction that paid it or null. */
export const partScheduled: Effect = {
  name: 'purchase-part-scheduled',
  text: `insert into purchase_part (id, purchase_id, number, amount, fee, due_on, paid, fee_paid, state, next_attempt_at, paid_by)
    select * from unnest($1::uuid[], $2::uuid[], $3::smallint[], $4::bigint[], $5::bigint[], $6::date[], $7::bigint[],
      $8::bigint[], $9::text[], $10::timestamptz[], $11::uuid[])`,
}

/**
 * Pays what is open of a part; when that is less meanwhile, or nothing, it breaks `part_within`. Row: part, its amount, what is
 * paid, the fee, transaction, key of a person or null.
 */
export const partPaid: Effect = {
  name: 'purchase-part-paid',
  told: purchasePartPaidTold,
  text: `update purchase_part s set paid = s.paid + u.paid, fee_paid = u.fee, state = 'paid', next_attempt_at = null,
      paid_by = u.by, request_key = u.key
    from (
      select part, sum(paid)::bigint as paid, max(fee) as fee, (array_agg(by))[1] as by, (array_agg(key))[1] as key
      from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::uuid[], $6::text[]) as v (part, amount, paid, fee, by, key)
      group by part order by part
    ) as u where s.id = u.part`,
}

/** Cancels some or all that is open of a part; more than that breaks `part_within`. Row: part, its amount, what is cancelled. */
export const partReduced: Effect = {
  name: 'purchase-part-reduced',
  text: `update purchase_part s set reduced = s.reduced + u.reduced,
      state = case when s.reduced + u.reduced >= s.amount then 'cancelled' else s.state end,
      next_attempt_at = case when s.reduced + u.reduced >= s.amount then null else s.next_attempt_at end
    from (
      select part, sum(reduced)::bigint as reduced from unnest($1::uuid[], $2::bigint[], $3::bigint[]) as v (part, amount, reduced)
      group by part order by part
    ) as u where s.id = u.part`,
}

/** Adds to what was credited of a purchase; more than was paid breaks `purchase_credit_within`. Row: purchase, what was paid, credit. */
export const purchaseCredited: Effect = {
  name: 'purchase-credited',
  bound: {
    check: 'purchase_credit_within',
    of: ([, captured, credit]) => ({ cap: BigInt(captured as string), adds: BigInt(credit as string) }),
  },
  text: `update purchase p set credited = p.credited + u.credit
    from (
      select purchase, sum(credit)::bigint as credit from unnest($1::uuid[], $2::bigint[], $3::bigint[]) as v (purchase, captured, credit)
      group by purchase order by purchase
    ) as u where p.id = u.purchase`,
}

/** A key that the purchase had before breaks `purchase_credit_key`. Row: transaction, purchase, amount, to financing, to the wallet, key or null, moment. */
export const creditMade: Effect = {
  name: 'purchase-credit-made',
  told: purchaseCreditedTold,
  text: `insert into purchase_credit (id, purchase_id, amount, to_financing, to_wallet, request_key, at)
    select * from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::timestamptz[])`,
}
