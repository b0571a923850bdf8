import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { exportBooks } from '../../../../src/operations/books/export-books.ts'
import { startAudit } from '../../../../src/operations/books/run-audit.ts'
import { beginAuditRun, findAuditRun } from '../../../../src/storage/audit-runs.ts'
import type { Visitor } from '../../visitor.ts'
import { type Console, startConsole } from '../harness.ts'

let server: Console
let operator: Visitor
before(async () => {
  server = await startConsole()
  operator = await server.visitor('operator')
})
after(() => server.stop())

async function ended(id: string) {
  for (let i = 0; i < 200; i++) {
    const run = await findAuditRun(server.db, id)
    if (run && run.status !== 'running') return run
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('the audit did not end')
}

const begin = () => operator.submit('/console/books', {}, '/console/books/audits')

test('an audit runs in the background, and its report stays', async () => {
  assert.match((await operator.get('/console/books')).text, /not audited from here yet/)
  const begun = await begin()
  assert.match(begun.location ?? '', /^\/console\/books\/audits\//)
  const run = await ended(begun.location?.split('/').at(-1) as string)
  assert.equal(run.status, 'clean')
  assert.equal(run.principal, 'operator:operator@sandbox.example')
  assert.ok((run.counts?.transactions ?? 0) > 0)
  assert.match((await operator.get('/console/books')).text, /The books are clean/)
  assert.match((await operator.get(begun.location as string)).text, /None\./)
  assert.match((await operator.get('/console')).text, /The last audit found the books clean/)
})

test('what somebody changed is found, and names its row', async () => {
  await server.db.query(
    "update account set balance = balance + 1 where id = (select id from wallet where number = '8301234567' limit 1)",
  )
  const run = await ended((await begin()).location?.split('/').at(-1) as string)
  await server.db.query(
    "update account set balance = balance - 1 where id = (select id from wallet where number = '8301234567' limit 1)",
  )
  assert.equal(run.status, 'findings')
  const page = await operator.get(`/console/books/audits/${run.id}`)
  assert.match(page.text, /account id=/)
  assert.match((await operator.get('/console')).text, /something in the books is wrong/)
})

test('one audit runs at a time, of all servers; one whose server ended stands in nobody’s way for long', async () => {
  const begun = await Promise.all(Array.from({ length: 16 }, () => startAudit(server.assembly, 'operator:racer')))
  const started = begun.filter((run) => run !== null)
  assert.equal(started.length, 1)
  const busy = await begin()
  if (busy.status !== 303) {
    assert.equal(busy.status, 409)
    assert.match(busy.text, /under way already/)
  }
  await Promise.all(started.map(({ over }) => over))
  const dead = crypto.randomUUID()
  assert.equal(await beginAuditRun(server.db, { id: dead, principal: 'operator:dead' }), true)
  assert.equal((await begin()).status, 409)
  await server.db.query("update audit_run set seen_at = seen_at - interval '2 minutes' where id = $1", [dead])
  const next = await begin()
  assert.equal(next.status, 303)
  assert.equal((await findAuditRun(server.db, dead))?.status, 'lost')
  assert.equal((await ended(next.location?.split('/').at(-1) as string)).status, 'clean')
})

test('the books are downloaded with the password, one at a time, and that is an act', async () => {
  const password = server.password('operator')
  assert.equal((await operator.submit('/console/books/export', { format: 'csv', password: '' })).status, 422)
  for (const [format, sign] of [
    ['hledger', /^commodity|^;|^account/m],
    ['csv', /,/],
    ['jsonl', /^\{/],
  ] as const) {
    const file = await operator.submit('/console/books/export', { format, password })
    assert.equal(file.status, 200)
    assert.match(file.headers.get('content-disposition') ?? '', /attachment/)
    assert.match(file.text, sign)
  }
  // Whoever has read one to its end has the next at once.
  for (let i = 0; i < 20; i++) {
    const read = await exportBooks(server.db.connection, 'jsonl')
    assert.ok(read, `export ${i}`)
    for await (const _ of read);
    const locks = await server.db.query("select from pg_locks where locktype = 'advisory' and objid = 4218001")
    assert.equal(locks.length, 0, `export ${i}`)
  }
  const held = await exportBooks(server.db.connection, 'jsonl')
  assert.ok(held)
  assert.equal(await exportBooks(server.db.connection, 'jsonl'), null)
  assert.equal((await operator.submit('/console/books/export', { format: 'csv', password })).status, 422)
  await held.cancel()
  for (let i = 0; ; i++) {
    const next = await exportBooks(server.db.connection, 'jsonl')
    if (next) {
      await next.cancel()
      break
    }
    assert.ok(i < 50, 'a reader who left keeps the lock')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  const acts = await server.db.query<{ detail: { format: string } }>(
    "select detail from console_act where act = 'books.export' and outcome = 'done'",
  )
  assert.deepEqual(acts.map(({ detail }) => detail.format).sort(), ['csv', 'hledger', 'jsonl'])
})
