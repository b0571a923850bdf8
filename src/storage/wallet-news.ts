import type { Sql } from './database.ts'

/** What a person is told by mail of one wallet since the last time. Amounts in minor units. */
export type WalletNews = {
  email: string
  account_id: bigint
  name: string
  language: string | null
  wallet: string
  currency: string
  exponent: number
  wants: string[]
  /** number of the last entry, as far as it is told now */
  entries: bigint
  received: bigint
  movements: bigint
  invoices: bigint
  invoiced: bigint
}

/** Wallets of those who want such mails, and that are watched from now on. A person with very many wallets is told of the first ones. */
export async function openMailCursors(sql: Sql, at: Date): Promise<void> {
  await sql.query(
    `insert into mail_cursor (email, account_id, entries, invoices_until)
     select s.email, w.id, a.entries, $1 from sign_in s
     cross join lateral (select id from wallet where party_id = s.party_id and not kept order by id limit 50) w
     join account a on a.id = w.id
     where s.wanted_mails <> '{}' and s.wanted_mails && '{money,invoices}'
       and not exists (select from mail_cursor c where c.email = s.email and c.account_id = w.id)
     on conflict do nothing`,
    [at],
  )
}

/** Locks what it tells of until the transaction ends. @param until invoices that were made out before */
export function takeWalletNews(sql: Sql, until: Date, limit: number): Promise<WalletNews[]> {
  return sql.query<WalletNews>(
    `with due as (
       select c.email, c.account_id, c.entries, c.invoices_until, a.entries as now from mail_cursor c
       join account a on a.id = c.account_id join sign_in s on s.email = c.email
       where s.wanted_mails && '{money,invoices}' and (a.entries > c.entries or exists (
         select from invoice i where i.debtor = c.account_id and i.status = 0 and i.created_at > c.invoices_until and i.created_at <= $1))
       order by c.email, c.account_id limit $2 for update of c skip locked
     ), moved as (
       update mail_cursor c set entries = d.now, invoices_until = greatest(c.invoices_until, $1)
       from due d where c.email = d.email and c.account_id = d.account_id
     )
     select d.email, d.account_id, p.name, s.language, s.wanted_mails as wants,
       w.namespace || ':' || w.number || ':' || w.currency as wallet, f.code as currency, f.exponent, d.now as entries,
       coalesce(m.sum, 0)::bigint as received, coalesce(m.count, 0) as movements,
       coalesce(i.count, 0) as invoices, coalesce(i.sum, 0)::bigint as invoiced
     from due d join sign_in s on s.email = d.email join party p on p.id = s.party_id join wallet w on w.id = d.account_id
     join account a on a.id = d.account_id join asset f on f.id = a.asset_id
     cross join lateral (select sum(e.amount) as sum, count(*) as count from entry e
       where e.account_id = d.account_id and e.seq > d.entries and e.seq <= d.now and e.amount > 0) m
     cross join lateral (select sum(v.amount) as sum, count(*) as count from invoice v
       where v.debtor = d.account_id and v.status = 0 and v.created_at > d.invoices_until and v.created_at <= $1) i
     order by d.email, d.account_id`,
    [until, limit],
  )
}

/** @param wanted null: as it is for whoever said nothing. Who begins to want is told of what comes after. */
export async function updateWantedMails(sql: Sql, email: string, wanted: readonly string[] | null): Promise<void> {
  await sql.query('update sign_in set wanted_mails = $2 where email = $1', [email, wanted])
  await sql.query('delete from mail_cursor where email = $1', [email])
}

export async function findWantedMails(
  sql: Sql,
  email: string,
): Promise<{ operator: boolean; wanted: string[] } | undefined> {
  const rows = await sql.query<{ operator: boolean; wanted: string[] }>(
    `select operator, coalesce(wanted_mails, case when operator then '{alerts}'::text[] else '{}' end) as wanted
     from sign_in where email = $1`,
    [email],
  )
  return rows[0]
}
