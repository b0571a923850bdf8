import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import pino from 'pino'
import { assemble } from '../../src/assembly.ts'
import { findJournalKey } from '../../src/credentials/journal-key.ts'
import { createKeyring } from '../../src/credentials/keyring.ts'
import { audit } from '../../src/ledger/audit.ts'
import { readStatement } from '../../src/ledger/reads.ts'
import { listen } from '../../src/main.ts'
import { fillSandbox } from '../../src/operations/fill-sandbox.ts'
import type { Database } from '../../src/storage/database.ts'
import { migrate } from '../../src/storage/migrate.ts'
import { PUBLIC_URL, sandboxConfig } from '../support/sandbox-template.ts'
import { createCaller, grantToken, opened } from '../support/wallet-client.ts'
import { createFirstDatabase, firstSchema } from './first-schema.ts'

const { schema, keys, answer, sandbox } = firstSchema
const ACCOUNTS = 'select id, balance, held, incoming, lower, upper, entries, status, version from account order by id'
const LINES = `select e.account_id, e.seq, e.amount, e.balance, e.at, e.transaction_id as reference, x.kind, x.payload
  from entry e join transaction x on x.id = e.transaction_id order by e.account_id, e.seq desc`

let db: Database
let drop: () => Promise<void>
let first: Record<string, unknown>[]
let lines: Record<string, unknown>[]
let applied: string[]

before(async () => {
  ;({ db, drop } = await createFirstDatabase())
  first = await db.query(ACCOUNTS)
  lines = await db.query(LINES)
  applied = await migrate(db)
})
after(() => drop())

async function assertClean(): Promise<void> {
  const journalKey = await findJournalKey({ db, keyring: createKeyring(keys) })
  const { clean, findings } = await audit(db, { journalKey: journalKey as Buffer })
  assert.deepEqual({ clean, findings }, { clean: true, findings: [] })
}

describe('books that were begun under the first schema', () => {
  it('are carried through every later migration', async () => {
    const all = await readdir(new URL('../../src/storage/migrations/', import.meta.url))
    assert.deepEqual([...schema, ...applied], all.sort())
  })

  it('are clean afterwards, and say the same of every account and in every statement', async () => {
    await assertClean()
    assert.ok(lines.length > 40)
    assert.deepEqual(await db.query(ACCOUNTS), first)
    const ids = await db.query<{ id: bigint }>('select id from account order by id')
    const statements = await Promise.all(ids.map(({ id }) => readStatement(db, id, { limit: 1000 })))
    assert.deepEqual(
      statements.flatMap((statement, i) =>
        statement.map(({ seq, amount, balance, at, reference, kind, payload }) => {
          return { account_id: ids[i]?.id, seq, amount, balance, at, reference, kind, payload }
        }),
      ),
      lines,
    )
  })

  it('go on: the server starts on them, completes the sandbox, and the clients of that time pay', async () => {
    const home = await mkdtemp(join(tmpdir(), 'upgrade-'))
    await writeFile(join(home, 'sandbox.json'), JSON.stringify(sandbox), { mode: 0o600 })
    const logs = { log: pino({ level: 'silent' }), requestLog: () => {} }
    const assembly = await assemble(sandboxConfig(home, db.connection), { keys }, db.connection, logs)
    const running = await listen(assembly, () => fillSandbox(assembly, PUBLIC_URL))
    try {
      const url = `http://127.0.0.1:${running.port}`
      const now = JSON.parse(await readFile(join(home, 'sandbox.json'), 'utf8'))
      assert.deepEqual(now.clients.merchant, { ...now.clients.merchant, ...sandbox.clients.merchant })
      const { client_id, client_secret, signing_secret } = sandbox.clients.merchant
      const token = await grantToken(url, client_id, client_secret)
      const caller = createCaller(url, { id: client_id, signingSecret: signing_secret, token })
      const { payload } = JSON.parse(answer)
      const history = await caller.get(`/shop:corner-cafe:JPY/transactions`)
      assert.equal(opened(history, signing_secret).transactions[0].reference ?? '', payload.reference)
      const paid = { endpoint: 'payments', target: 'us:8301234567:USD', amount: '2.50', currency: 'USD' }
      assert.equal((await caller.done('/shop:corner-cafe:USD/payments', paid)).success, true)
      assert.equal(
        (await caller.post('/shop:corner-cafe:USD/payments', { ...paid, target: 'ice:one:USD' })).status,
        200,
      )
    } finally {
      await running.stop()
      await rm(home, { recursive: true, force: true })
    }
    await assertClean()
  })
})
