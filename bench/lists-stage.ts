import { readFileSync } from 'node:fs'
import { createPasswords } from '../src/credentials/password.ts'
import { type Database, type DatabaseConnection, openDatabase } from '../src/storage/database.ts'
import { books } from './lists/books.ts'
import { cards } from './lists/cards.ts'
import { directory } from './lists/directory.ts'
import { few } from './lists/few.ts'
import { fillGroup } from './lists/fill.ts'
import { type Group, type Look, looks, type Places, type Who } from './lists/group.ts'
import { logs } from './lists/logs.ts'
import { type Guest, signIn, withKey } from './lists/visit.ts'
import { startServer } from './orders.ts'
import { type Bench, line, median } from './report.ts'

const PORT = 9_790
const BAR = 150
const PASSWORD = 'a password for the benchmark'

const GROUPS: readonly Group[] = [books, cards, logs, directory, few]

/**
 * Every list of console, wallet pages and admin API at a million rows of each table behind it, over HTTP. The bar is 150 ms for each
 * page. Tables are filled group by group, each in a database of its own, so that the disk has to hold one at a time.
 */
export async function measureLists(bench: Bench): Promise<void> {
  const all: Taken[] = []
  for (const group of GROUPS) all.push(...(await measureGroup(bench, group)))
  report(bench.say, 'all lists', all)
}

async function measureGroup({ database, quick, say }: Bench, group: Group): Promise<Taken[]> {
  const rows = quick ? 20_000 : 1_000_000
  const connection = await database.create('lists')
  // The sandbox comes first, and the server that is measured starts on full tables, as after years.
  const first = await startServer({ store: 'postgres', port: PORT, connection, wallets: 1 })
  await first.stop()
  const db = openDatabase(connection, { connections: 2 })
  try {
    const began = performance.now()
    await fillGroup(db, { group, rows, say })
    const seconds = ((performance.now() - began) / 1000).toFixed(0)
    say(line(`${group.name}: ${rows.toLocaleString('en')} rows each`, `${seconds} s`, await size(db)))
    return await visitGroup({ db, connection, rows, port: PORT, group, say })
  } finally {
    await db.close()
    await database.createEmpty('lists')
  }
}

type Visit = {
  readonly db: Database
  readonly connection: DatabaseConnection
  readonly rows: number
  readonly port: number
  readonly group: Group
  /** only pages whose address has this in it */
  readonly only?: string
  say(text: string): void
}

/** Starts a server on filled tables and opens all pages. */
export async function visitGroup({ db, connection, rows, port, group, only = '', say }: Visit): Promise<Taken[]> {
  await addPeople(db)
  const server = await startServer({ store: 'postgres', port, connection, wallets: 1 })
  try {
    await settled(db)
    const base = `http://127.0.0.1:${port}`
    const { operator } = JSON.parse(readFileSync(server.sandbox, 'utf8'))
    const guests: Record<Who, Guest> = {
      operator: await signIn(base, operator),
      big: await signIn(base, { email: 'big@people.example', password: PASSWORD }),
      small: await signIn(base, { email: 'small@people.example', password: PASSWORD }),
      api: withKey(base, operator.api_key),
    }
    const wanted = looks(group, await placesOf(db, rows)).filter(({ path }) => path.includes(only))
    const taken = await visit(guests, wanted, say)
    report(say, group.name, taken)
    return taken
  } finally {
    await server.stop()
  }
}

/** `again` is the median of five, of a page that took long at first. ms */
export type Taken = Look & { first: number; again: number; status: number }

/** Each page once, one that took long four times more: the first look may have to read from the disk. */
async function visit(
  guests: Record<Who, Guest>,
  wanted: readonly Look[],
  say: (text: string) => void,
): Promise<Taken[]> {
  const taken: Taken[] = []
  for (const look of wanted) {
    const open = guests[look.who]
    const first = await open(look.path)
    const again =
      first.ms > BAR / 3
        ? [await open(look.path), await open(look.path), await open(look.path), await open(look.path)]
        : []
    const one = { ...look, first: first.ms, again: median([first, ...again].map(({ ms }) => ms)), status: first.status }
    if (one.again > BAR) say(line(`${look.who} ${look.path}`, `${one.again.toFixed(0)} ms`, `bar ${BAR} ms`))
    if (first.status >= 400) say(line(`${look.who} ${look.path}`, `${first.status}`))
    taken.push(one)
  }
  return taken
}

function report(say: (text: string) => void, what: string, taken: readonly Taken[]): void {
  const slowest = taken.toSorted((a, b) => b.again - a.again)
  say(line(`${what}: pages looked at`, String(taken.length)))
  say(line('median', `${median(taken.map(({ again }) => again)).toFixed(1)} ms`))
  for (const { who, path, again, first } of slowest.slice(0, 12))
    say(line(`${who} ${path}`, `${again.toFixed(0)} ms`, `first ${first.toFixed(0)} ms`))
  say(line('above the bar', String(taken.filter(({ again }) => again > BAR).length), `bar ${BAR} ms`))
}

async function addPeople(db: Database): Promise<void> {
  const hash = await createPasswords().hash(PASSWORD)
  for (const name of ['big', 'small'])
    await db.query(
      `insert into sign_in (email, party_id, password_hash, email_verified_at) select $1, ${name}, $2, now() from grown_facts on conflict (email) do update set password_hash = excluded.password_hash`,
      [`${name}@people.example`, hash],
    )
}

/** Waits until the server has counted what pages show from sums that are kept. */
async function settled(db: Database): Promise<void> {
  for (let waited = 0; waited < 180; waited++) {
    const [state] = await db.query<{ ready: boolean }>(
      `select (select at > now() - interval '20 minutes' from gift_until) and (exists (select from overview_figure)
         or (select count(*) < 10000 from (select from account limit 10000) a)) as ready`,
    )
    if (state?.ready) return
    await new Promise((resolve) => setTimeout(resolve, 1_000))
  }
  throw new Error('the server does not count')
}

async function size(db: Database): Promise<string> {
  const [row] = await db.query<{ gb: string }>(
    `select round(pg_database_size(current_database()) / 1e9, 2)::text as gb`,
  )
  return `${row?.gb} GB`
}

async function placesOf(db: Database, rows: number): Promise<Places> {
  const ids = await db.query<{ n: number; id: string }>(
    `select n::int, grown_id(n) as id from unnest(array[1, 12, 21, 77, 500000, $1::bigint / 2, $1::bigint - 20, $1::bigint]) n`,
    [rows],
  )
  const known = new Map(ids.map(({ n, id }) => [n, id]))
  const [facts] = await db.query<Record<string, string>>(
    `select to_jsonb(f)::text as all, b.slug as brand_slug, o.slug as small_brand_slug, s.slug as stock_brand_slug
     from grown_facts f join brand b on b.id = f.brand join brand o on o.id = f.small_brand join brand s on s.id = f.stock_brand`,
  )
  const { all = '{}', ...slugs } = facts as Record<string, string>
  return {
    rows,
    id: (n) => known.get(n) as string,
    facts: { ...JSON.parse(all), ...slugs },
  }
}
