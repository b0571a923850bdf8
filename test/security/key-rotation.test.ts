import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import pino from 'pino'
import { assemble } from '../../src/assembly.ts'
import { parseKeys } from '../../src/credentials/key-file.ts'
import { createKeyring, KeyringError, sealOf } from '../../src/credentials/keyring.ts'
import { listen } from '../../src/main.ts'
import type { SandboxFile } from '../../src/operations/fill-sandbox.ts'
import { listKeyUse } from '../../src/operations/keys/key-use.ts'
import { reseal } from '../../src/operations/keys/reseal.ts'
import { SEALED_PLACES } from '../../src/operations/keys/sealed-places.ts'
import type { Database } from '../../src/storage/database.ts'
import { billfold, databaseUrl } from '../cli/billfold.ts'
import { call } from '../protocols/tillo/harness.ts'
import { createFullSandbox, sandboxConfig } from '../support/sandbox-template.ts'
import { startSandboxServer } from '../support/server.ts'
import { createCaller, grantToken, send } from '../support/wallet-client.ts'

/** Every column of bytes that holds something that this key sealed, looked for in the whole schema. */
async function columnsSealedBy(db: Database, key: Buffer): Promise<string[]> {
  const columns = await db.query<{ name: string; column: string }>(
    `select table_name as name, column_name as column from information_schema.columns
     where table_schema = 'public' and data_type = 'bytea'`,
  )
  const seal = sealOf(createKeyring([key]).keyIds[0] as Buffer)
  const found: string[] = []
  for (const { name, column } of columns) {
    const rows = await db.query(`select 1 from "${name}" where substr("${column}", 1, 9) = $1 limit 1`, [seal])
    if (rows.length > 0) found.push(`${name}.${column}`)
  }
  return found
}

test('the key is changed while two servers pay and show codes, interrupted and all, and the old one can be dropped', {
  timeout: 60_000,
}, async (t) => {
  const { db, drop, home } = await createFullSandbox()
  const old = parseKeys(await readFile(join(home, 'key'), 'utf8'))[0] as Buffer
  const fresh = randomBytes(32)
  const sandbox: SandboxFile = JSON.parse(await readFile(join(home, 'sandbox.json'), 'utf8'))
  const faults: unknown[] = []
  const log = pino({ level: 'error' }, { write: (line: string) => void faults.push(JSON.parse(line)) })
  const start = async (keys: Buffer[]) => {
    const logs = { log, requestLog: () => {} }
    const assembly = await assemble(sandboxConfig(home, db.connection), { keys }, db.connection, logs)
    const running = await listen(assembly)
    let stopped: Promise<void> | undefined
    const server = { url: `http://127.0.0.1:${running.port}`, stop: () => (stopped ??= running.stop()) }
    started.push(server)
    return server
  }
  const started: { stop(): Promise<void> }[] = []
  t.after(async () => {
    for (const server of started) await server.stop()
    await drop()
    await rm(home, { recursive: true, force: true })
  })
  // As a rolling restart has them: one has only learnt the new key, the other one seals with it already.
  const servers = [await start([old, fresh]), await start([fresh, old])] as const
  const partner = { apiKey: sandbox.tillo.api_key, secret: sandbox.tillo.secret }
  const { gateway } = sandbox.clients
  const token = await grantToken(servers[0].url, gateway.client_id, gateway.client_secret)
  const callers = servers.map(({ url }) =>
    createCaller(url, { id: gateway.client_id, signingSecret: gateway.signing_secret, token }),
  )

  let over = false
  const counts = { payments: 0, reveals: 0 }
  async function pay(one: 0 | 1) {
    while (!over) {
      const payload = { endpoint: 'payments', target: 'us:8301234567:USD', amount: '1.00', currency: 'USD' }
      await callers[one]?.done('/bank:gateway:USD/payments', { ...payload, nonce: randomUUID() })
      counts.payments++
    }
  }
  // What one server has sealed the other one shows.
  async function buyAndShow(one: 0 | 1, other: 0 | 1) {
    while (!over) {
      const bought = await issue(servers[one].url)
      assert.equal(bought.status, 200, bought.text)
      const [row] = await db.query<{ id: string }>('select id from card order by id desc limit 1')
      const shown = await show(servers[other].url, row?.id as string)
      assert.equal(shown.status, 200, shown.text)
      counts.reveals++
    }
  }
  const issue = (url: string) =>
    call(url, partner, 'POST', 'digital/issue', {
      client_request_id: randomUUID(),
      brand: 'sync-open-code-uk',
      face_value: { amount: '10.00', currency: 'GBP' },
      delivery_method: 'code',
      fulfilment_by: 'partner',
      sector: 'marketplace',
    })
  const show = (url: string, card: string) =>
    send(url, `/admin/v1/cards/${card}/reveal`, {
      body: JSON.stringify({ reason: 'test' }),
      headers: { authorization: `Bearer ${sandbox.operator.api_key}`, 'content-type': 'application/json' },
    })
  const load = [pay(0), pay(1), buyAndShow(0, 1), buyAndShow(1, 0)]
  const keyring = createKeyring([fresh, old])

  try {
    await delay(200)
    const stopped = reseal({ db, keyring }, (_, done) => {
      if (done > 300) throw new Error('interrupted')
    })
    await assert.rejects(stopped, /interrupted/)
    assert.ok((await listKeyUse({ db, keyring }))[1]?.values, 'something is left')
    await reseal({ db, keyring })
    // The first server begins with the new key as well, and the last call finds what it sealed until then.
    over = true
    await Promise.all(load)
    await servers[0].stop()
    const before = { ...counts }
    const env = { DATABASE_URL: databaseUrl(db.connection), BILLFOLD_MODE: 'sandbox', BILLFOLD_HOME: home }
    const BILLFOLD_KEY = `${fresh.toString('hex')},${old.toString('hex')}`
    const called = await billfold(['key', 'rotate', '--json'], { env: { ...env, BILLFOLD_KEY } })
    assert.equal(called.status, 0, called.stderr)
    const { unopened, keys } = JSON.parse(called.stdout)
    assert.deepEqual(unopened, {})
    assert.deepEqual(
      keys.map(({ state, values }: { state: string; values: number }) => [state, values > 0]),
      [
        ['current', true],
        ['old', false],
      ],
    )
    assert.deepEqual(await columnsSealedBy(db, old), [])
    assert.ok(before.payments > 10 && before.reveals > 2, JSON.stringify(before))
  } finally {
    over = true
    await Promise.allSettled(load)
  }
  await servers[1].stop()

  const without = await start([fresh])
  const cards = await db.query<{ id: string }>('select id from card')
  for (const { id } of cards) assert.equal((await show(without.url, id)).status, 200)
  const later = createCaller(without.url, { id: gateway.client_id, signingSecret: gateway.signing_secret, token })
  assert.equal((await later.get('/bank:gateway:USD')).status, 200, 'tokens stay good')
  await without.stop()
  await assert.rejects(start([old]), KeyringError)
  assert.deepEqual(faults, [])
})

test('every column of the sandbox that holds a sealed value is one that key rotate knows', async (t) => {
  const server = await startSandboxServer()
  t.after(() => server.stop())
  const old = parseKeys(await readFile(join(server.home, 'key'), 'utf8'))[0] as Buffer
  const known = new Set(SEALED_PLACES.map(({ table, column }) => `${table}.${column}`))
  const sealed = await columnsSealedBy(server.db, old)
  assert.ok(sealed.length >= 6, sealed.join())
  for (const column of sealed) assert.ok(known.has(column), column)
})
