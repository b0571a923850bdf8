import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { loadJournalKey } from '../../src/credentials/journal-key.ts'
import { loadOrCreateKey } from '../../src/credentials/key-file.ts'
import { createKeyring } from '../../src/credentials/keyring.ts'
import { runningConnection } from '../../src/engine/start-engine.ts'
import { audit } from '../../src/ledger/audit.ts'
import { readHeads } from '../../src/ledger/head-file.ts'
import { keyId } from '../../src/ledger/lines.ts'
import type { SandboxFile } from '../../src/operations/fill-sandbox.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { deleteHome, newHome } from '../support/engines.ts'
import { freePort, type ServerProcess, spawnServer } from '../support/server-process.ts'
import { type Answer, type Caller, createCaller, grantToken, opened } from '../support/wallet-client.ts'

const CYCLES = 22
const CALLERS = 18
const SOURCE = 'bank:gateway:USD'
const WALLETS = ['us:8301234567:USD', 'us:8301234569:USD', 'shop:corner-cafe:USD']

type Operation = { key: string; path: string; payload: { amount: string; target: string; [member: string]: unknown } }

test('what was answered survives kill -9 of the server and of PostgreSQL under load', {
  timeout: 240_000,
}, async (t) => {
  const home = newHome()
  const port = await freePort()
  const start = () => spawnServer('start', port, { BILLFOLD_HOME: home, LOG_LEVEL: 'error' })
  let server: ServerProcess = start()
  try {
    await server.ready()
    const sandbox: SandboxFile = JSON.parse(await readFile(join(home, 'sandbox.json'), 'utf8'))
    const { client_id, client_secret, signing_secret } = sandbox.clients.gateway
    const token = await grantToken(server.url, client_id, client_secret)
    const gateway = createCaller(server.url, { id: client_id, signingSecret: signing_secret, token })

    // The log of acknowledgements is here, outside of both that are killed.
    const acknowledged = new Map<string, { operation: Operation; answer: Answer }>()
    const indefinite: Operation[] = []
    let stop = false
    // Also when the test fails: callers that go on would keep the run from ending.
    t.after(() => {
      stop = true
    })
    let up = Promise.resolve()

    async function attempt(operation: Operation): Promise<boolean> {
      const answer = await request(gateway, operation)
      if (answer === null) return false
      acknowledged.set(operation.key, { operation, answer })
      return true
    }

    async function call(caller: number): Promise<void> {
      for (let i = 0; !stop; i++) {
        await up
        const target = WALLETS[(caller + i) % WALLETS.length] as string
        const amount = `${1 + (i % 9)}.${10 + (caller % 80)}`
        const [endpoint, path] = i % 2 ? ['funds', `/${target}/funds`] : ['payments', `/${SOURCE}/payments`]
        const payload = { endpoint, ...(i % 2 ? { source: SOURCE } : {}), target, amount, currency: 'USD' }
        const operation = { key: `kill-${caller}-${i}`, path, payload }
        if (await attempt(operation)) continue
        indefinite.push(operation)
        await delay(20)
      }
    }

    /** ms until the first 200 of a read that needs the database */
    async function recovery(from: number): Promise<number> {
      for (;;) {
        const answer = await gateway.get('/bank:gateway:USD/balance').catch(() => null)
        if (answer?.status === 200) return performance.now() - from
        assert.ok(performance.now() - from < 20_000, `no recovery: ${answer?.text} ${server.output()}`)
        await delay(5)
      }
    }

    const callers = Array.from({ length: CALLERS }, (_, i) => call(i))
    const recoveries: Record<'server' | 'database', number[]> = { server: [], database: [] }
    for (let cycle = 1; cycle <= CYCLES; cycle++) {
      await delay(150 + Math.random() * 300)
      // A busy machine gets as far as an idle one before the next blow.
      const enough = cycle * 50
      for (const until = performance.now() + 10_000; acknowledged.size < enough && performance.now() < until; )
        await delay(10)
      const from = performance.now()
      if (cycle % 5 === 0) {
        const connection = await runningConnection(home)
        assert.ok(connection)
        const db = openDatabase(connection, { connections: 1 })
        const [row] = await db.query<{ setting: string }>(
          `select setting from pg_settings where name = 'data_directory'`,
        )
        await db.close()
        const postmaster = Number(
          (await readFile(join(row?.setting as string, 'postmaster.pid'), 'utf8')).split('\n')[0],
        )
        process.kill(postmaster, 'SIGKILL')
        const killed = performance.now()
        // Connections end a moment later; until then there is nothing to recover from.
        while (
          (await gateway.get('/bank:gateway:USD/balance').catch(() => null))?.status === 200 &&
          performance.now() - killed < 2_000
        ) {
          await delay(2)
        }
        recoveries.database.push(await recovery(killed))
        continue
      }
      let open = () => {}
      up = new Promise((resolve) => {
        open = resolve
      })
      await server.kill()
      server = start()
      recoveries.server.push(await recovery(from))
      open()
    }
    stop = true
    await Promise.all(callers)

    const uncertain = indefinite.length
    const before = new Map(acknowledged)
    for (const operation of indefinite) {
      for (let tries = 0; !(await attempt(operation)); tries++) {
        assert.ok(tries < 50, `${operation.key} never got its answer`)
        await delay(100)
      }
    }

    const connection = await runningConnection(home)
    assert.ok(connection)
    const db = openDatabase(connection, { connections: 2 })
    try {
      for (const setting of ['fsync', 'synchronous_commit', 'full_page_writes']) {
        const [row] = await db.query<Record<string, string>>(`show ${setting}`)
        assert.equal(row?.[setting], 'on')
      }
      const rows = await db.query<{ id: string; answer: string }>('select id, answer from idempotency')
      const kept = new Map(rows.map((row) => [row.id.replaceAll('-', ''), row.answer]))
      const answerTo = (key: string) => kept.get(keyId(`client:${client_id}`, key).replaceAll('-', ''))
      const balances = new Map([SOURCE, ...WALLETS].map((id) => [id, 0n]))
      for (const [key, { operation, answer }] of acknowledged) {
        assert.equal(answerTo(key), answer.text, `${key} was acknowledged and is not there`)
        assert.equal(answer.status, 200, answer.text)
        opened(answer, signing_secret)
        const { amount, target } = operation.payload
        const cents = BigInt(amount.replace('.', ''))
        balances.set(SOURCE, (balances.get(SOURCE) as bigint) - cents)
        balances.set(target, (balances.get(target) as bigint) + cents)
      }
      assert.equal(kept.size, acknowledged.size)
      const [count] = await db.query<{ count: bigint }>(
        `select count(*) from transaction where kind in ('funds', 'payments')`,
      )
      assert.equal(count?.count, BigInt(acknowledged.size))
      for (const [id, expected] of balances) {
        const [row] = await db.query<{ balance: bigint }>(
          `select a.balance from account a join wallet w on w.id = a.id where w.namespace || ':' || w.number || ':' || w.currency = $1`,
          [id],
        )
        assert.equal(row?.balance, expected, id)
      }
      const sample = [...before.values()].filter((_, i) => i % 97 === 0)
      for (const { operation, answer } of sample) {
        assert.equal((await request(gateway, operation))?.text, answer.text)
      }
      const journalKey = await loadJournalKey({ db, keyring: createKeyring(await loadOrCreateKey(home)) })
      const knownHeads = await readHeads(join(home, 'journal-heads.json'), journalKey)
      const report = await audit(db, { journalKey, knownHeads })
      assert.deepEqual(report.findings, [])
      assert.ok(knownHeads.length > 0)
    } finally {
      await db.close()
    }

    const show = (times: number[]) =>
      `${times.length} times, median ${median(times)} ms, worst ${Math.round(Math.max(...times))} ms`
    t.diagnostic(`${acknowledged.size} acknowledged, ${uncertain} indefinite and settled by repeating`)
    t.diagnostic(`first 200 after a killed server: ${show(recoveries.server)}`)
    t.diagnostic(`first 200 after a killed PostgreSQL: ${show(recoveries.database)}`)
    assert.ok(acknowledged.size > 1_000 && uncertain > 0)
    assert.equal(await server.interrupt(), 0)
  } finally {
    await server.kill()
    await deleteHome(home)
  }
})

const median = (times: number[]) => Math.round([...times].sort((a, b) => a - b)[times.length >> 1] as number)

/** null: no definite answer, so the same key must be sent again */
async function request(caller: Caller, { path, payload, key }: Operation): Promise<Answer | null> {
  const answer = await caller.post(path, payload, { 'idempotency-key': key }).catch(() => null)
  return answer === null || answer.status >= 500 ? null : answer
}
