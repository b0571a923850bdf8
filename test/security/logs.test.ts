import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { assemble, createLogs } from '../../src/assembly.ts'
import { parseKeys } from '../../src/credentials/key-file.ts'
import { createKeyring } from '../../src/credentials/keyring.ts'
import { listen } from '../../src/main.ts'
import type { SandboxFile } from '../../src/operations/fill-sandbox.ts'
import { listKeyUse } from '../../src/operations/keys/key-use.ts'
import { reseal } from '../../src/operations/keys/reseal.ts'
import { SEALED_PLACES } from '../../src/operations/keys/sealed-places.ts'
import { createFullSandbox, PUBLIC_URL, type SandboxDatabase, sandboxConfig } from '../support/sandbox-template.ts'
import { send } from '../support/wallet-client.ts'
import { runFlows, Secrets } from './flows.ts'

describe('every protocol used once, at log level trace', { timeout: 120_000 }, () => {
  const secrets = new Secrets()
  let log = ''
  let sandboxed: SandboxDatabase
  let stopped = false
  let stop: () => Promise<void>

  before(async () => {
    sandboxed = await createFullSandbox()
    const { db, home } = sandboxed
    const sandbox: SandboxFile = JSON.parse(await readFile(join(home, 'sandbox.json'), 'utf8'))
    const file = join(home, 'trace.log')
    const config = { ...sandboxConfig(home, db.connection), publicUrls: [PUBLIC_URL], logLevel: 'trace' }
    const assembly = await assemble(config, { keys: null }, db.connection, createLogs('trace', file))
    const running = await listen(assembly)
    stop = async () => {
      if (!stopped) await running.stop()
      stopped = true
    }
    const url = `http://127.0.0.1:${running.port}`
    await runFlows(url, sandbox, secrets)
    for (const { token } of await keptTokens(db)) secrets.keep('kept', token)
    await breakThings(url, sandbox)
    await stop()
    assembly.log.flush()
    await delay(100)
    log = await readFile(file, 'utf8')
  })
  after(async () => {
    await stop?.()
    await sandboxed.drop()
    await rm(sandboxed.home, { recursive: true, force: true })
  })

  /** Faults of ours, whose errors quote what they met. */
  async function breakThings(url: string, { operator, people }: SandboxFile): Promise<void> {
    const { db } = sandboxed
    await db.query('alter table client add constraint nobody check (false) not valid')
    await db.query('alter table web_session add constraint nobody check (false) not valid')
    const [party] = await db.query<{ id: string }>('select id from party limit 1')
    const headers = { authorization: `Bearer ${operator.api_key}`, 'content-type': 'application/json' }
    const body = JSON.stringify({ party_id: party?.id, name: 'Quoted in a detail', scopes: ['balance'] })
    assert.equal((await send(url, '/admin/v1/clients', { headers, body })).status, 500)
    const { createVisitor } = await import('../support/visitor.ts')
    const visitor = createVisitor(url)
    const { email, password } = people[2] as SandboxFile['people'][0]
    assert.equal((await visitor.submit(await visitor.open('/sign-in'), { email, password })).status, 500)
    await db.query('alter table client drop constraint nobody')
    await db.query('alter table web_session drop constraint nobody')
  }

  /** What of all that is secret stands in a text. */
  function leaksIn(text: string): string[] {
    // Numbers of the log's own, such as process ids, could look like a PIN.
    const words = text.replace(/":\d+(?:\.\d+)?(?=[,}])/g, '":0')
    return [...secrets.known].filter(([secret]) => words.includes(secret)).map(([, what]) => what)
  }

  test('logs requests and faults, and no secret, code, token, password or cookie', () => {
    const lines = log.trim().split('\n')
    const parsed = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    assert.ok(parsed.filter(({ msg }) => msg === 'request').length > 30)
    assert.ok(parsed.some(({ err }) => err !== undefined))
    assert.ok(secrets.known.size > 60, String(secrets.known.size))
    assert.deepEqual(leaksIn(log), [])
    assert.ok(!/argon2id|Quoted in a detail|bf[a-z]_[A-Za-z0-9_-]{20}|eyJ[A-Za-z0-9_-]{20}/.test(log))
  })

  test('and every one of them would be found if it stood there', () => {
    for (const [secret, what] of secrets.known)
      assert.deepEqual(leaksIn(`${log}${JSON.stringify({ level: 50, msg: secret })}`).includes(what), true, what)
    for (const what of ['authorization code', 'wrong password', 'totp secret', 'jackpot assertion', 'pledg signature'])
      assert.ok([...secrets.known.values()].includes(what), what)
  })

  test('leaves sealed values whose places key rotate knows by what they are bound to', async () => {
    const { db, home } = sandboxed
    const old = parseKeys(await readFile(join(home, 'key'), 'utf8'))[0] as Buffer
    const keyring = createKeyring([randomBytes(32), old])
    const columns = new Set<string>()
    const { sealed, unopened } = await reseal({ db, keyring }, ({ table, column }) => columns.add(`${table}.${column}`))
    const untouched = SEALED_PLACES.map(({ table, column }) => `${table}.${column}`).filter((one) => !columns.has(one))
    assert.deepEqual(untouched, UNTOUCHED)
    assert.deepEqual(unopened, {})
    assert.ok(sealed > 100)
    const use = await listKeyUse({ db, keyring })
    assert.deepEqual(
      use.map(({ state, values }) => [state, values > 0]),
      [
        ['current', true],
        ['old', false],
      ],
    )
  })
})

/** Columns that these flows leave empty. */
const UNTOUCHED = ['brand.upstream', 'plastic_card.code', 'card_link.link', 'erasure.identifiers']

/** What stands in the database in the open and is secret all the same. */
const keptTokens = (db: SandboxDatabase['db']) =>
  db.query<{ token: string }>('select password_hash as token from sign_in')
