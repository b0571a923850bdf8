import type { Sql } from './database.ts'

/** Whose rows: the party, its addresses, its wallets. */
export type PersonKeys = { partyId: string; emails: readonly string[]; accounts: readonly bigint[] }

const WALLET = (name: string) => `${name}.namespace || ':' || ${name}.number || ':' || ${name}.currency`
const MONEY = (minor: string) =>
  `(${minor} * ('{1,0.1,0.01,0.001,0.0001,0.00001,0.000001,0.0000001,0.00000001}'::numeric[])[s.exponent + 1])::text`

/** Parameters of a section's query: $1 the party, $2 addresses, $3 account ids. */
type Section = { readonly name: string; readonly query: string }

/**
 * What there is of a person, part by part: everything that says something of them, nothing that opens a door. Rows are small; only
 * `transactions` may be many, and is read on its own.
 */
export const PERSON_SECTIONS: readonly Section[] = [
  { name: 'party', query: 'select id, kind, name, created_at from party where id = $1' },
  {
    name: 'sign_ins',
    query: `select email, operator, role, language, email_verified_at, coalesce(wanted_mails, '{}') as wanted_mails, created_at from sign_in
      where email = any($2) order by email`,
  },
  {
    name: 'sessions',
    query: `select email, device, address, created_at, seen_at, expires_at from web_session where email = any($2) order by id`,
  },
  {
    name: 'second_factors',
    query: `select 'authenticator app' as kind, '' as name, created_at, null::timestamptz as used_at from totp_factor where email = any($2)
      union all select 'passkey', name, created_at, used_at from passkey where email = any($2)
      union all select 'application password', name, created_at, used_at from application_password where email = any($2)
      union all select 'recovery code', '', null, used_at from recovery_code where email = any($2) order by 1, 2`,
  },
  {
    name: 'wallets',
    query: `select ${WALLET('w')} as wallet, w.opaque_id, ${WALLET('p')} as parent, s.circle, ${MONEY('a.balance')} as balance,
        ${MONEY('a.held')} as held, ${MONEY('a.lower')} as lower, ${MONEY('a.upper')} as upper,
        (array['open', 'frozen', 'closed'])[a.status + 1] as status, w.opened_at
      from wallet w join account a on a.id = w.id join asset s on s.id = a.asset_id left join wallet p on p.id = w.parent_id
      where w.party_id = $1 and not w.kept order by w.id`,
  },
  {
    name: 'consents',
    query: `select n.client_id as application, c.name, n.scopes, array(select ${WALLET('w')} from wallet w where w.id = any(n.wallet_ids)
        and w.party_id = $1 order by w.id) as wallets, n.granted_at, n.last_used_at, n.expires_at, n.revoked_at
      from consent n join client c on c.id = n.client_id where n.party_id = $1 order by n.id`,
  },
  {
    name: 'invoices',
    query: `select i.id as invoice, ${WALLET('f')} as issuer, ${WALLET('d')} as debtor, ${MONEY('i.amount')} as amount, s.code as currency,
        (array['open', 'paid', 'declined', 'cancelled'])[i.status + 1] as status, i.created_at, i.expires_at, i.settled_at,
        t.payload::jsonb - 'terms' as remarks
      from invoice i join wallet f on f.id = i.issuer join wallet d on d.id = i.debtor join account a on a.id = i.issuer
      join asset s on s.id = a.asset_id join transaction t on t.id = i.id
      where i.issuer = any($3::bigint[]) or i.debtor = any($3::bigint[]) order by i.id`,
  },
  {
    name: 'transaction_tokens',
    query: `select k.id as token, k.endpoint, ${WALLET('w')} as wallet, ${MONEY('k.amount')} as amount, s.code as currency, k.issued_at,
        k.expires_at, (array['open', 'used', 'revoked'])[k.status + 1] as status, k.ended_at
      from transaction_token k join wallet w on w.id = k.subject join account a on a.id = k.subject join asset s on s.id = a.asset_id
      where k.subject = any($3::bigint[]) order by k.id`,
  },
  {
    name: 'refill_policies',
    query: `select ${WALLET('w')} as wallet, r.version, ${WALLET('p')} as parent, ${MONEY('r.per_refill')} as per_refill,
        ${MONEY('r.per_period')} as per_period, r.period as period_seconds
      from refill_policy r join wallet w on w.id = r.wallet_id join account a on a.id = w.id join asset s on s.id = a.asset_id
      left join wallet p on p.id = r.parent_id where r.wallet_id = any($3::bigint[]) order by r.wallet_id, r.version`,
  },
  {
    name: 'gift_cards',
    query: `select c.id as card, b.name as brand, ${MONEY('c.face')} as value, s.code as currency, '…' || c.tail as code, c.status,
        ${MONEY('a.balance')} as balance, c.issued_at, c.expires_at
      from card c join brand b on b.id = c.brand_id join asset s on s.id = c.asset_id left join account a on a.id = c.account_id
      where c.wallet_party_id = $1 order by c.id`,
  },
  {
    name: 'applications',
    query: `select id, name, redirect_uris, scopes, created_at, disabled_at from client where party_id = $1 order by id`,
  },
  {
    name: 'api_keys',
    query: 'select id, name, scopes, created_at, revoked_at from api_key where party_id = $1 order by id',
  },
  {
    name: 'webhooks',
    query: `select id, url, topics, note, created_at, disabled_at from webhook_endpoint
      where party_id = $1 and deleted_at is null order by id`,
  },
  {
    name: 'console_acts',
    query: `select at, act, object, outcome, address from console_act where email = any($2) order by id`,
  },
]

/** Of a member of a business's team: what is theirs and not the business's. */
export const MEMBER_SECTIONS: ReadonlySet<string> = new Set(['sign_ins', 'sessions', 'second_factors', 'console_acts'])

export function readSection(sql: Sql, { query }: Section, keys: PersonKeys): Promise<Record<string, unknown>[]> {
  // Every parameter has a type, whether the section uses it or not.
  const text = `with keys as (select $1::uuid, $2::text[], $3::bigint[]) select section.* from keys, lateral (${query}) as section`
  return sql.query(text, [keys.partyId, keys.emails, keys.accounts.map(String)])
}

export type PersonPurchase = { id: string; details: Buffer } & Record<string, unknown>

/** What a person was asked to pay and accepted, with what the merchant said of them, sealed. */
export function readPersonPurchases(sql: Sql, partyId: string): Promise<PersonPurchase[]> {
  return sql.query<PersonPurchase>(
    `select p.id, p.details, p.uid as purchase, m.name as merchant, p.reference, p.title, ${MONEY('p.amount')} as amount,
       s.code as currency, p.state, p.plan, p.created_at, p.decided_at, ${MONEY('p.credited')} as credited,
       (select json_agg(json_build_object('number', r.number, 'amount', ${MONEY('r.amount')}, 'fee', ${MONEY('r.fee')},
          'due_on', r.due_on, 'paid', ${MONEY('r.paid')}, 'state', r.state) order by r.number)
        from purchase_part r where r.purchase_id = p.id) as parts
     from purchase p join merchant m on m.id = p.merchant_id join asset s on s.id = p.asset_id
     where p.party_id = $1 order by p.id`,
    [partyId],
  )
}

export type PersonEntry = { account_id: bigint; seq: bigint } & Record<string, unknown>

/** A wallet's movements after one of them, oldest first. */
export function readPersonEntries(sql: Sql, account: bigint, after: bigint, limit: number): Promise<PersonEntry[]> {
  return sql.query<PersonEntry>(
    `select e.account_id, e.seq, ${WALLET('w')} as wallet, e.at, t.id as reference, t.kind, ${MONEY('e.amount')} as amount, s.code as currency,
       ${MONEY('e.balance')} as balance, ${WALLET('o')} as counterparty, t.payload::jsonb as remarks
     from entry e join transaction t on t.id = e.transaction_id
     join transfer x on x.transaction_id = e.transaction_id and x.leg = e.leg
     join wallet w on w.id = e.account_id join account a on a.id = e.account_id join asset s on s.id = a.asset_id
     left join wallet o on o.id = case when x.source = e.account_id then x.target else x.source end
     where e.account_id = $1 and e.seq > $2 order by e.seq limit $3`,
    [account, after, limit],
  )
}
