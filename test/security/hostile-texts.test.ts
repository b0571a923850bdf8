import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Console, startConsole } from '../pages/console/harness.ts'
import type { Visitor } from '../pages/visitor.ts'
import { runFlows, Secrets } from './flows.ts'

// What an API may refuse today stands there from yesterday: so it is put into the columns themselves.
const MARK = `=1'"><script>alert(1)</script>`
const LINK = 'javascript:alert(1)//'
const TEXTS =
  /(^|_)(name|note|reason|description|text|texts|title|message|error|excerpt|device|detail|object|label|file|reference|subject|because|facts|failed|comment|remark|payload|categories|agent|by)$/
const LINKS = /(^|_)(url|urls)$/

let server: Console
before(async () => {
  server = await startConsole()
})
after(() => server.stop())

async function poison(): Promise<string[]> {
  const { db } = server
  const columns = await db.query<{ t: string; c: string; type: string }>(
    `select table_name as t, column_name as c, data_type as type from information_schema.columns
     where table_schema = current_schema() and data_type in ('text', 'jsonb', 'json', 'ARRAY', 'character varying')`,
  )
  const done: string[] = []
  for (const { t, c, type } of columns) {
    if ((!TEXTS.test(c) && !LINKS.test(c)) || `${t}.${c}` === 'server_secret.name') continue
    const value = LINKS.test(c) ? LINK : MARK
    const set =
      type === 'jsonb' || type === 'json' || c === 'payload'
        ? `(select coalesce(jsonb_object_agg(key, case when jsonb_typeof(value) = 'string' then to_jsonb($1::text) else value end), '{}') from jsonb_each("${c}"::jsonb))${type === 'text' ? '::text' : ''}`
        : type === 'ARRAY'
          ? 'array[$1::text]'
          : '$1::text'
    try {
      const rows = await db.query(
        `update "${t}" set "${c}" = ${set} where "${c}" is not null ${type.startsWith('json') || c === 'payload' ? `and jsonb_typeof("${c}"::jsonb) = 'object'` : ''} returning 1`,
        [value],
      )
      if (rows.length > 0) done.push(`${t}.${c}`)
    } catch (error) {
      // A check of the column's own: what it lets through is no text.
      assert.match(String(error), /constraint/, `${t}.${c}`)
    }
  }
  return done
}

const linksOf = (text: string) =>
  [...text.matchAll(/(?:href|src|action)="([^"]+)"/g)].map(([, link]) => (link as string).replaceAll('&amp;', '&'))

async function crawl(visitor: Visitor, starts: string[], most: number): Promise<{ shown: number; wrong: string[] }> {
  const waiting = [...starts]
  const known = new Set(waiting)
  const shapes = new Map<string, number>()
  const wrong: string[] = []
  let seen = 0
  let shown = 0
  while (waiting.length > 0 && seen < most) {
    const path = waiting.shift() as string
    const answer = await visitor.get(path)
    seen += 1
    const type = answer.headers.get('content-type') ?? ''
    if (answer.status >= 500) wrong.push(`${answer.status} ${path}`)
    if (/html|svg/.test(type)) {
      if (answer.text.includes('&lt;script&gt;alert')) shown += 1
      if (answer.text.includes('<script>alert')) wrong.push(`markup ${path}`)
      if (/(href|src|action)="\s*javascript:/i.test(answer.text)) wrong.push(`link ${path}`)
    }
    if (/csv/.test(type) && /(^|[,\n])"?=1/.test(answer.text)) wrong.push(`formula ${path}`)
    for (const [name, value] of answer.headers)
      if (value.includes('alert(1)') && name !== 'location') wrong.push(`header ${name} ${path}`)
    for (const link of [...linksOf(answer.text), answer.location ?? '']) {
      if (!link.startsWith('/') || link.startsWith('//') || known.has(link)) continue
      const shape = link
        .replace(/\?.*/, (query) => query.replaceAll(/=[^&]*/g, ''))
        .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27,}|\d+|[A-Za-z0-9_-]{20,}/g, '#')
      const n = (shapes.get(shape) ?? 0) + 1
      shapes.set(shape, n)
      if (n > 1) continue
      known.add(link)
      waiting.push(link)
    }
  }
  return { shown, wrong }
}

test('no text that somebody else has written becomes markup, a link that runs, a formula or a header', async () => {
  const secrets = new Secrets()
  await runFlows(server.url, server.sandbox, secrets)
  const owner = await server.visitor('owner')
  const hook = { url: 'https://shop.example/x', note: 'x', 'topic:*': 'yes', password: server.password('owner') }
  assert.equal((await owner.submit('/console/webhooks/new', hook)).status, 200)
  const { db } = server
  await db.query(
    `insert into alert (id, kind, object, raised_at) values (gen_random_uuid(), 'mail-failing', 'x', now())`,
  )
  await db.query(`insert into delivery_attempt (delivery_id, number, at, ms, status, error, excerpt)
     select id, 99, clock_timestamp(), 12, 500, 'x', 'x' from delivery`)
  const visitors: [string, Visitor][] = []
  for (const role of ['operator', 'owner', 'member', 'viewer'] as const)
    visitors.push([role, await server.visitor(role)])
  visitors.push(['person', await server.person()], ['stranger', server.stranger()])
  const poisoned = await poison()
  for (const column of [
    'party.name',
    'brand.name',
    'brand.texts',
    'merchant.name',
    'purchase.title',
    'transaction.payload',
  ])
    assert.ok(poisoned.includes(column), column)
  const links = ['/cards/', '/checkout/'].flatMap((base) =>
    [...secrets.known.keys()].filter((text) => /^[A-Za-z0-9_-]{20,}$/.test(text)).map((text) => base + text),
  )
  const starts = ['/console', '/wallet', '/account', '/till', '/tools/signature', '/outbox']
  let drawn = 0
  for (const [role, visitor] of visitors) {
    const { shown, wrong } = await crawl(
      visitor,
      [...starts, ...(role === 'stranger' ? links : [])],
      role === 'operator' ? 110 : 45,
    )
    assert.deepEqual(wrong, [], role)
    drawn += shown
  }
  assert.ok(drawn > 30, `only ${drawn} pages show what was written`)
  assert.deepEqual(server.faults, [])
})
