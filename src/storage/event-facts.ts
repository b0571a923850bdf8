import type { Effect } from '../ledger/command.ts'
import { decimals, tell, telling } from './events.ts'

// What the effects of invoices, orders and cards tell, read from the rows that they have just written. A brand's party is that
// of its settlement wallet; a partner's that of the business.

type Told = NonNullable<Effect['told']>

const invoiceFacts = (type: string, more: string) => `
select u.place, 'invoice:' || i.id as object, ${type} as type, array[f.party_id, d.party_id] as parties, t.at,
  json_build_object('invoice', i.id, 'issuer', f.namespace || ':' || f.number || ':' || f.currency,
    'debtor', d.namespace || ':' || d.number || ':' || d.currency, 'amount', ${decimals('i.amount', 's.exponent')},
    'currency', s.code, 'circle', s.circle${more})::text as data`
const INVOICE_JOINS = `
join wallet f on f.id = i.issuer join wallet d on d.id = i.debtor
join account a on a.id = i.issuer join asset s on s.id = a.asset_id`

export const invoiceCreatedTold: Told = {
  parameters: [1],
  text: tell(`${invoiceFacts(`'invoice.created'`, `, 'expires_at', i.expires_at`)}
    from unnest($1::uuid[]) with ordinality as u (id, place)
    join invoice i on i.id = u.id join transaction t on t.id = i.id ${INVOICE_JOINS}`),
}

export const invoiceSettledTold: Told = {
  parameters: [1],
  text: tell(`${invoiceFacts(
    `(array['invoice.paid', 'invoice.declined', 'invoice.cancelled'])[i.status]`,
    `, 'transaction', i.settled_by`,
  )}
    from unnest($1::uuid[]) with ordinality as u (id, place)
    join invoice i on i.id = u.id join transaction t on t.id = i.settled_by ${INVOICE_JOINS}`),
}

/** One invoice whose time ran out: $1 its id, $2 the moment. */
export const INVOICE_EXPIRED = tell(`${invoiceFacts(`'invoice.expired'`, `, 'expires_at', i.expires_at`)}
    from (select $1::uuid as id, 1 as place) u join invoice i on i.id = u.id
    cross join (select $2::timestamptz as at) t ${INVOICE_JOINS}`)

const orderFacts = (type: string, at: string) => `
select u.place, 'order:' || o.id as object, ${type} as type, array[p.party_id, w.party_id] as parties, ${at} as at,
  json_build_object('order', o.id, 'partner', p.slug, 'protocol', o.protocol, 'request', o.request_id, 'brand', b.slug,
    'value', ${decimals('o.face', 's.exponent')}, 'cost', ${decimals('o.cost', 's.exponent')}, 'currency', s.code,
    'circle', s.circle, 'error', o.error)::text as data`
const ORDER_JOINS = `
join gift_order o on o.id = u.id left join partner p on p.id = o.partner_id join brand b on b.id = o.brand_id
join wallet w on w.id = b.settlement_id join asset s on s.id = o.asset_id`

/** An order that is decided at once is told as its end; one that waits, as a beginning. */
export const orderPlacedTold: Told = {
  parameters: [1],
  text: tell(
    `${orderFacts(
      `case o.status when 'succeeded' then 'order.succeeded' when 'failed' then 'order.failed' else 'order.created' end`,
      'o.created_at',
    )} from unnest($1::uuid[]) with ordinality as u (id, place) ${ORDER_JOINS}`,
  ),
}

export const orderEndedTold: Told = {
  parameters: [1, 2, 5],
  text: tell(`${orderFacts(`'order.' || u.status`, 'u.at')}
    from unnest($1::uuid[], $2::text[], $3::timestamptz[]) with ordinality as u (id, status, at, place) ${ORDER_JOINS}`),
}

export const orderCancelledTold: Told = {
  parameters: [1, 2],
  text: tell(`${orderFacts(`'order.cancelled'`, 'u.at')}
    from unnest($1::uuid[], $2::timestamptz[]) with ordinality as u (id, at, place) ${ORDER_JOINS}`),
}

/** @param more further members, e.g. `'reference', u.id` @param parties beside the brand's, the buyer's and the keeper's */
const cardFacts = (type: string, at: string, more = '', parties = 'null::uuid') => `
select u.place, 'card:' || c.id as object, ${type} as type, array[w.party_id, p.party_id, c.wallet_party_id, ${parties}] as parties,
  ${at} as at, json_build_object('card', c.id, 'order', c.order_id, 'brand', b.slug, 'value', ${decimals('c.face', 's.exponent')},
    'currency', s.code, 'circle', s.circle${more})::text as data`
const cardJoins = (card: string) => `
join card c on c.id = ${card} join brand b on b.id = c.brand_id join wallet w on w.id = b.settlement_id
join asset s on s.id = c.asset_id left join gift_order o on o.id = c.order_id left join partner p on p.id = o.partner_id`

export const cardIssuedTold: Told = {
  parameters: [1],
  text: tell(`${cardFacts(`'card.issued'`, 'c.issued_at', `, 'expires_at', c.expires_at`)}
    from unnest($1::uuid[]) with ordinality as u (id, place) ${cardJoins('u.id')}`),
}

export const cardEndedTold: Told = {
  parameters: [1, 2, 3, 5],
  text: tell(`${cardFacts(
    `'card.' || case u.how when 'cashed-out' then 'cashed_out' else u.how end`,
    'u.at',
    `, 'amount', ${decimals('u.amount', 's.exponent')}`,
  )}
    from unnest($1::uuid[], $2::text[], $3::bigint[], $4::timestamptz[]) with ordinality as u (id, how, amount, at, place)
    ${cardJoins('u.id')}`),
}

export const cardStatusTold: Told = {
  parameters: [2, 4, 7],
  text: tell(`${cardFacts(`'card.' || u.what`, 'u.at')}
    from unnest($1::uuid[], $2::text[], $3::timestamptz[]) with ordinality as u (id, what, at, place) ${cardJoins('u.id')}`),
}

const moved = (table: string) =>
  `, 'reference', u.id, 'amount', ${decimals(`${table}.amount`, 's.exponent')}, 'balance', ${decimals(`${table}.balance`, 's.exponent')}`

export const cardRedeemedTold: Told = {
  parameters: [1],
  text: tell(`${cardFacts(`'card.redeemed'`, 'r.at', moved('r'), 'r.party_id')}
    from unnest($1::uuid[]) with ordinality as u (id, place) join card_redemption r on r.id = u.id ${cardJoins('r.card_id')}`),
}

export const cardRefundedTold: Told = {
  parameters: [1],
  text: tell(`${cardFacts(`'card.refunded'`, 'r.at', `${moved('r')}, 'redemption', r.redemption_id`, 'm.party_id')}
    from unnest($1::uuid[]) with ordinality as u (id, place) join card_refund r on r.id = u.id
    join card_redemption m on m.id = r.redemption_id ${cardJoins('m.card_id')}`),
}

export const cardToppedUpTold: Told = {
  parameters: [1],
  text: tell(`${cardFacts(`'card.topped_up'`, 'r.at', moved('r'), 'r.party_id')}
    from unnest($1::uuid[]) with ordinality as u (id, place) join card_top_up r on r.id = u.id ${cardJoins('r.card_id')}`),
}

/** Values of a brand that run low, out of the rows of `stock_notice` that an earlier part of the statement has returned as `noticed`. */
export const stockLowTelling = telling(`
  select u.id as place, 'stock:' || b.id || ':' || u.face as object, 'stock.low' as type, array[w.party_id] as parties, u.at,
    json_build_object('brand', b.slug, 'value', ${decimals('u.face', 's.exponent')}, 'currency', s.code, 'circle', s.circle,
      'remaining', u.remaining, 'low_stock', u.low_stock)::text as data
  from noticed u join brand b on b.id = u.brand_id join wallet w on w.id = b.settlement_id join asset s on s.id = b.asset_id`)

/** A purchase's own clock may be ahead of the real one; what is told is dated by the transaction. */
const purchaseFacts = (type: string, at: string, more = '') => `
select u.place, 'purchase:' || p.id as object, ${type} as type, array[m.party_id, p.party_id] as parties, ${at} as at,
  json_build_object('purchase', p.uid, 'merchant', m.uid, 'reference', p.reference, 'amount', ${decimals('p.amount', 's.exponent')},
    'currency', s.code, 'circle', s.circle${more})::text as data`
const PURCHASE_JOINS = 'join merchant m on m.id = p.merchant_id join asset s on s.id = p.asset_id'

/** Of a purchase that an earlier part of the statement has returned as `made`. */
export const purchaseCreatedTelling = telling(`${purchaseFacts(`'purchase.created'`, 'clock_timestamp()')}
  from (select id, 1 as place from made) u join made p on p.id = u.id ${PURCHASE_JOINS}`)

/** For the effects whose rows begin with a purchase, a transaction and the state that it comes into. */
export const purchaseStateTold: Told = {
  parameters: [1, 2, 3],
  text: tell(`${purchaseFacts(`'purchase.' || u.state`, 't.at', `, 'plan', p.plan`)}
    from unnest($1::uuid[], $2::uuid[], $3::text[]) with ordinality as u (id, by, state, place)
    join purchase p on p.id = u.id join transaction t on t.id = u.by ${PURCHASE_JOINS}`),
}

export const purchasePartPaidTold: Told = {
  parameters: [1, 3, 5],
  text: tell(`${purchaseFacts(
    `'purchase.part_paid'`,
    't.at',
    `, 'part', r.number, 'paid', ${decimals('u.paid', 's.exponent')}, 'transaction', t.id`,
  )}
    from unnest($1::uuid[], $2::bigint[], $3::uuid[]) with ordinality as u (part, paid, by, place)
    join purchase_part r on r.id = u.part join purchase p on p.id = r.purchase_id join transaction t on t.id = u.by ${PURCHASE_JOINS}`),
}

export const purchaseCreditedTold: Told = {
  parameters: [1, 2, 3],
  text: tell(`${purchaseFacts(
    `'purchase.credited'`,
    't.at',
    `, 'credit', ${decimals('u.credit', 's.exponent')}, 'transaction', t.id`,
  )}
    from unnest($1::uuid[], $2::uuid[], $3::bigint[]) with ordinality as u (by, id, credit, place)
    join purchase p on p.id = u.id join transaction t on t.id = u.by ${PURCHASE_JOINS}`),
}
