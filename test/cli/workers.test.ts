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
import { eventually } from '../support/eventually.ts'
import { freePort, spawnServer } from '../support/server-process.ts'
import { type Answer, createCaller, grantToken, send } from '../support/wallet-client.ts'
import { billfold } from './billfold.ts'

const SOURCE = 'bank:gateway:USD'
const TARGET = 'shop:corner-cafe:USD'
const CALLERS = 16

test('two workers on one port answer each request once, and lose nothing when one of them is killed under load', {
  timeout: 60_000,
}, async (t) => {
  const home = newHome()
  const port = await freePort()
  const server = spawnServer('start', port, { BILLFOLD_HOME: home, WORKERS: '2' })
  t.after(async () => {
    await server.interrupt()
    await deleteHome(home)
  })
  await eventually(
    () => {
      assert.equal(server.child.exitCode, null, server.output())
      return server.output().includes('is ready')
    },
    { within: 60_000, otherwise: server.output },
  )
  const sandbox: SandboxFile = JSON.parse(await readFile(join(home, 'sandbox.json'), 'utf8'))
  const { client_id, client_secret, signing_secret } = sandbox.clients.gateway
  const token = await grantToken(server.url, client_id, client_secret)
  const gateway = createCaller(server.url, { id: client_id, signingSecret: signing_secret, token })
  const pay = (key: string) =>
    gateway.post(
      `/${SOURCE}/payments`,
      { endpoint: 'payments', target: TARGET, amount: '1.25', currency: 'USD' },
      { 'idempotency-key': key },
    )
  const db = openDatabase((await runningConnection(home)) as NonNullable<Awaited<ReturnType<typeof runningConnection>>>)
  t.after(() => db.close())
  const effects = async (keys: readonly string[]) => {
    const ids = keys.map((key) => keyId(`client:${client_id}`, key))
    const rows = await db.query<{ n: bigint }>('select count(*) as n from idempotency where id = any($1::uuid[])', [
      ids,
    ])
    return Number(rows[0]?.n)
  }

  await t.test('64 identical requests at once have one effect and one answer', async () => {
    const [before] = await db.query<{ n: bigint }>('select count(*) as n from transfer')
    const answers = await Promise.all(Array.from({ length: 64 }, () => pay('same')))
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200])
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1)
    const [after] = await db.query<{ n: bigint }>('select count(*) as n from transfer')
    assert.equal((after?.n ?? 0n) - (before?.n ?? 0n), 1n)
  })

  await t.test('a killed worker is replaced, and what was acknowledged is there', async () => {
    const acknowledged = new Map<string, Answer>()
    const open: string[] = []
    let stop = false
    const load = Array.from({ length: CALLERS }, async (_, caller) => {
      for (let i = 0; !stop; i++) {
        const key = `load-${caller}-${i}`
        const answer = await pay(key).catch(() => null)
        if (answer?.status === 200) acknowledged.set(key, answer)
        else open.push(key)
      }
    })
    await delay(300)
    const [pid] = await workerPids(home)
    process.kill(pid as number, 'SIGKILL')
    await delay(300)
    stop = true
    await Promise.all(load)
    assert.ok(acknowledged.size > 20, `${acknowledged.size}`)
    for (const [key, answer] of acknowledged) {
      const again = await pay(key)
      assert.deepEqual([again.status, again.text], [200, answer.text])
    }
    assert.equal(await effects([...acknowledged.keys()]), acknowledged.size)
    // Whoever was not answered repeats under the same key.
    for (const key of open) assert.equal((await pay(key)).status, 200)
    await eventually(() => /worker \d \(process \d+\) ended \(SIGKILL\)/.test(server.output()))
  })

  await t.test('/metrics has the figures of both, each under its label', async () => {
    for (;;) {
      const { text } = await send(server.url, '/metrics')
      if (text.includes('billfold_workers 2') && text.includes('billfold_worker_restarts_total 1')) {
        for (const worker of [1, 2])
          assert.match(text, new RegExp(`billfold_ledger_commands_total{worker="${worker}"} \\d`))
        const heads = text.split('\n').filter((line) => line.startsWith('# TYPE '))
        assert.equal(heads.length, new Set(heads).size)
        return
      }
      await delay(50)
    }
  })

  await t.test('SIGTERM ends all of it in good order, and the books are clean', async () => {
    const key = await loadJournalKey({ db, keyring: createKeyring(await loadOrCreateKey(home)) })
    const report = await audit(db, {
      journalKey: key,
      knownHeads: await readHeads(join(home, 'journal-heads.json'), key),
    })
    assert.deepEqual(report.findings, [])
    const last = Array.from({ length: CALLERS }, (_, caller) => pay(`last-${caller}`))
    await delay(3)
    server.child.kill('SIGTERM')
    for (const answer of await Promise.allSettled(last))
      if (answer.status === 'fulfilled') assert.equal(answer.value.status, 200)
    assert.equal(await server.exited, 0, server.output())
    const lines = (await readFile(join(home, 'logs', 'server.log'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.deepEqual([...new Set(lines.map(({ worker }) => worker))].sort(), [1, 2])
    assert.equal(lines.filter(({ msg }) => msg === 'stopped').length, 2)
  })
})

test('a number of workers that cannot be is refused before anything is started', async () => {
  const home = newHome()
  for (const number of ['0', '-1', '1.5', 'two', '9', '']) {
    const { status, stderr } = await billfold(['start', `--workers=${number}`], { env: { BILLFOLD_HOME: home } })
    assert.equal(status, 2, number)
    assert.match(stderr, /--workers must be a whole number, 1 to 8 on the embedded PostgreSQL/)
  }
  const { status, stderr } = await billfold(['start'], { env: { BILLFOLD_HOME: home, WORKERS: 'many' } })
  assert.deepEqual([status, /WORKERS: must be a whole number/.test(stderr)], [1, true], stderr)
})

/** From the log: each worker says when it is ready. */
async function workerPids(home: string): Promise<number[]> {
  const lines = (await readFile(join(home, 'logs', 'server.log'), 'utf8')).trim().split('\n')
  return lines
    .map((line) => JSON.parse(line))
    .filter(({ msg }) => msg === 'ready')
    .map(({ pid }) => pid)
}
