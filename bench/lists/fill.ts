import type { Database, Sql } from '../../src/storage/database.ts'
import { line } from '../report.ts'
import type { Group } from './group.ts'

/** A table that takes longer to fill is named; seconds. */
const SLOW = 30

/** So far back do the rows reach: less than the logs are kept for. */
const DAYS = 20

const FACTS = `
  create unlogged table grown_facts as select
    uuidv7() as big, uuidv7() as small, uuidv7() as partner, uuidv7() as small_partner, uuidv7() as merchant, uuidv7() as small_merchant,
    (select id from asset where code = 'USD' order by id limit 1) as usd,
    (select id from asset where code = 'EUR' order by id limit 1) as eur,
    (select id from brand where supply = 'own' order by slug limit 1) as brand,
    (select id from brand where supply = 'own' order by slug offset 1 limit 1) as small_brand,
    (select id from brand where supply = 'stock' order by slug limit 1) as stock_brand,
    extract(epoch from now())::bigint as until`

/**
 * Whose the rows are: of a `big` business most, of a `small` one the forty oldest, which stand at one end of each list. `grown` counts
 * the rows, the functions give them ids, moments and owners. They are one expression each, with values in it, so that a million rows
 * cost a second.
 */
const functions = (rows: number, { until, big, small }: { until: bigint; big: string; small: string }) => `
  create view grown as select n from generate_series(1, ${rows}::bigint) n;
  create function grown_ms(n bigint) returns bigint language sql immutable as
    $$ select (${until}::bigint - ${DAYS * 86_400}) * 1000 + n * ${Math.floor((DAYS * 86_400_000) / rows)} $$;
  create function grown_at(n bigint) returns timestamptz language sql immutable as $$ select to_timestamp(grown_ms(n) / 1000.0) $$;
  create function grown_id(n bigint) returns uuid language sql immutable as
    $$ select (lpad(to_hex(grown_ms(n)), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid $$;
  create function grown_account(n bigint) returns bigint language sql immutable as $$ select 5000000000 + n $$;
  create function grown_owner(n bigint) returns uuid language sql immutable as
    $$ select case when n <= 40 then '${small}'::uuid when n % 20 = 0 then grown_id(n) else '${big}'::uuid end $$;
  insert into party (id, kind, name) select big, 'business', 'Big business' from grown_facts;
  insert into party (id, kind, name) select small, 'business', 'Small business' from grown_facts;
  insert into partner (id, party_id, slug) select partner, big, 'big' from grown_facts;
  insert into partner (id, party_id, slug) select small_partner, small, 'small' from grown_facts;
  insert into merchant (id, uid, party_id, name, wallet_id)
    select merchant, 'mer_' || merchant, big, 'Big shop', grown_account(101) from grown_facts;
  insert into merchant (id, uid, party_id, name, wallet_id)
    select small_merchant, 'mer_' || small_merchant, small, 'Small shop', grown_account(2) from grown_facts`

/** Fills a group's tables with so many rows each, and tells the planner of them. */
export async function fillGroup(
  db: Database,
  { group, rows, say }: { group: Group; rows: number; say: (line: string) => void },
): Promise<void> {
  // What a foreign key points to is there; looking it up a million times takes minutes.
  const alone = (work: (sql: Sql) => Promise<unknown>) =>
    db.transaction(async (sql) => {
      await sql.query('set local session_replication_role = replica')
      await sql.query('set local synchronous_commit = off')
      await work(sql)
    })
  await alone(async (sql) => {
    await sql.query(FACTS)
    const [known] = await sql.query<{ until: bigint; big: string; small: string }>(
      'select until, big, small from grown_facts',
    )
    await sql.query(functions(rows, known as NonNullable<typeof known>))
  })
  for (const [table, text] of Object.entries(group.fill)) {
    const began = performance.now()
    await alone((sql) => sql.query(text))
    const took = (performance.now() - began) / 1000
    if (took > SLOW) say(line(`filling ${table}`, `${took.toFixed(0)} s`))
  }
  await group.seal?.(db, rows)
  if ('entry' in group.fill)
    await db.query('update account set entries = $1, balance = 0 where id = grown_account(101)', [rows])
  await db.query('analyze')
}
