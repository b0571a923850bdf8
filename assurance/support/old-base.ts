import type { Sql } from '../../src/storage/database.ts'

/** Account ids below this are of rows that only lie there; the ledger's writers have theirs above. */
export const IDLE_ACCOUNTS = 10_000_000

const uuid = (kind: string) => `md5('${kind}' || i)::uuid`
const bytes = (kind: string) => `sha256(('${kind}' || i)::bytea)`

/**
 * Rows that fill a table, by the version that made the table: each a query of as many rows as `of` says of the N entries. What
 * the rows say matters less than that they are as many and as wide as real ones.
 */
const FILL: Record<string, readonly { of: number; text: string }[]> = {
  '0004-admin.sql': [
    { of: 10, text: `insert into party (id, kind, name) select ${uuid('party')}, 'person', 'Person ' || i` },
    {
      of: 10,
      text: `insert into sign_in (email, party_id, password_hash) select 'p' || i || '@people.example', ${uuid('party')}, repeat('x', 97)`,
    },
    {
      of: 10,
      text: `insert into account (id, balance, upper, lower, entries, changed_at, asset_id) select i, 1000, null, 0, 10, now(), 1`,
    },
    {
      of: 10,
      text: `insert into wallet (id, namespace, number, currency, opaque_id, party_id)
             select i, 'us', i::text, 'USD', ${uuid('opaque')}::text, ${uuid('party')}`,
    },
    {
      of: 2,
      text: `insert into transaction (id, seq, at, digest, stream, kind, principal, payload)
             select ${uuid('tx')}, i, now(), ${uuid('digest')}, 0, 'payment', 'client:old', repeat('p', 180)`,
    },
    {
      of: 2,
      text: `insert into transfer (transaction_id, amount, source, target, asset_id, leg) select ${uuid('tx')}, 1, i, i + 1, 1, 0`,
    },
    {
      of: 1,
      text: `insert into entry (account_id, seq, amount, balance, at, transaction_id, leg)
             select 1 + i / 10, 1 + i % 10, 1, 1, now(), md5('tx' || i / 2)::uuid, 0`,
    },
    {
      of: 2,
      text: `insert into idempotency (id, request_hash, digest, at, status, answer)
             select ${uuid('key')}, ${uuid('hash')}, ${uuid('digest')}, now(), 200, repeat('a', 300)`,
    },
    {
      of: 10,
      text: `insert into refresh_family (id, client_id, party_id, scopes, current_hash, expires_at)
             select ${uuid('family')}, 'c' || i % 100, ${uuid('party')}, 'wallet', ${bytes('token')}, now()`,
    },
  ],
  '0005-webwallet.sql': [
    {
      of: 10,
      text: `insert into invoice (id, issuer, debtor, amount, created_at) select ${uuid('invoice')}, i, i + 1, 500, now()`,
    },
  ],
  '0009-gift-cards.sql': [
    {
      of: 10_000,
      text: `insert into velocity_rule (id, subject, period_seconds, max_count) select ${uuid('rule')}, 'card', 86400, 100`,
    },
    {
      of: 4,
      text: `insert into gift_order (id, partner_id, protocol, request_id, brand_id, asset_id, face, cost, discount_bp, delivery, details,
               status, transaction_id, created_at, ended_at)
             select ${uuid('order')}, md5('partner' || i % 20)::uuid, 'tillo', i::text, md5('brand' || i % 50)::uuid, 1, 1000, 950, 500, 'email',
               ${bytes('details')}, 'succeeded', ${uuid('tx')}, now(), now()`,
    },
    {
      of: 4,
      text: `insert into order_event (order_id, what, at) select ${uuid('order')}, 'delivered', now()`,
    },
    {
      of: 4,
      text: `insert into card (id, order_id, brand_id, asset_id, face, code_hash, code, tail, link_hash, link, issued_at)
             select ${uuid('card')}, ${uuid('order')}, md5('brand' || i % 50)::uuid, 1, 1000, ${bytes('code')}, ${bytes('sealed')},
               right(i::text, 4), ${bytes('link')}, ${bytes('sealed-link')}, now()`,
    },
    {
      of: 4,
      text: `insert into card_end (card_id, how, amount, transaction_id, at) select ${uuid('card')}, 'expired', 5, ${uuid('tx')}, now()`,
    },
    {
      of: 20,
      text: `insert into velocity_use (rule_id, subject, period, count, amount) select md5('rule1')::uuid, 'card' || i, 1, 1, 1000`,
    },
  ],
  '0013-webhooks.sql': [
    {
      of: 4,
      text: `insert into delivery (id, form, receiver, object, topic, body, status, next_attempt_at, created_at, ended_at)
             select ${uuid('delivery')}, 'webhook', md5('receiver' || i % 30)::uuid, 'order:' || i, 'order.succeeded', repeat('b', 300),
               'delivered', now(), now(), now()`,
    },
  ],
  '0015-pledg.sql': [
    {
      of: 10,
      text: `insert into purchase (id, uid, merchant_id, reference, via, amount, asset_id, title, details, link_hash, created_at, expires_at)
             select ${uuid('purchase')}, 'pur_' || ${uuid('purchase')}, md5('merchant' || i % 40)::uuid, 'R' || i, 'link', 5000, 1, 'Order',
               ${bytes('details')}, ${bytes('link')}, now(), now() + interval '1 day'`,
    },
  ],
  '0017-console.sql': [
    {
      of: 10,
      text: `insert into console_act (id, email, party_id, role, address, act, object)
             select ${uuid('act')}, 'p1@people.example', ${uuid('party')}, 'owner', '127.0.0.1', 'order.show', '/console/' || i`,
    },
  ],
}

/** Fills the tables that a version made, as far as they grow with use. */
export async function fillTables(sql: Sql, version: string, entries: number): Promise<void> {
  for (const { of, text } of FILL[version] ?? []) {
    await sql.query(`${text} from generate_series(1, ${Math.ceil(entries / of)}) i`)
  }
  if (FILL[version]) await sql.query('analyze')
}
