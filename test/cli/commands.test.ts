import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ADMIN_SCOPES } from '../../src/credentials/admin-scopes.ts'
import { verifyApiKey } from '../../src/credentials/api-key.ts'
import { createMac, createSigningKey } from '../../src/credentials/envelope.ts'
import { createTestDatabase } from '../support/database.ts'
import { billfold, databaseUrl, type RunOptions } from './billfold.ts'

let database: Awaited<ReturnType<typeof createTestDatabase>>
let env: Record<string, string>
const folder = mkdtempSync(join(tmpdir(), 'billfold-cli-'))
const home = join(folder, 'home')

before(async () => {
  database = await createTestDatabase()
  env = {
    BILLFOLD_HOME: home,
    BILLFOLD_KEY: randomBytes(32).toString('hex'),
    DATABASE_URL: databaseUrl(database.db.connection),
  }
})
after(() => database.drop())

/** Runs a command that must succeed; its answer as JSON. */
async function done(args: string[], options: RunOptions = {}) {
  const ran = await billfold([...args, '--json'], { ...options, env: { ...env, ...options.env } })
  assert.equal(ran.status, 0, ran.stderr)
  return JSON.parse(ran.stdout)
}

async function failed(args: string[], status: number, message: RegExp, more: Record<string, string> = {}) {
  const ran = await billfold(args, { env: { ...env, ...more } })
  assert.equal(ran.status, status, ran.stderr)
  assert.match(ran.stderr, message)
  assert.doesNotMatch(ran.stderr, /\n {4}at /)
}

const streams = async () =>
  Number((await database.db.query<{ n: bigint }>('select count(*) as n from journal where kind = 0'))[0]?.n)

let partyId: string

test('a party is created and can be made an operator with a key of the admin API', async () => {
  const party = await done(['party', 'create', '--kind', 'business', '--name', 'Café Río'])
  partyId = party.id
  assert.equal(party.name, 'Café Río')
  const signIn = await done(['party', 'sign-in', partyId, '--email', 'Ops@example.com', '--operator'], {
    env: { BILLFOLD_PASSWORD: 'correct horse' },
  })
  assert.deepEqual(signIn, { party_id: partyId, email: 'ops@example.com', operator: true })
  const key = await done(['party', 'api-key', partyId, '--name', 'All'])
  const principal = await verifyApiKey(database, `Bearer ${key.api_key}`)
  assert.deepEqual([principal.operator, [...principal.scopes]], [true, [...ADMIN_SCOPES]])
  await done(['party', 'revoke-api-key', key.id])
  await assert.rejects(verifyApiKey(database, `Bearer ${key.api_key}`), /revoked/)
  const table = await billfold(['party', 'list'], { env })
  assert.match(table.stdout, new RegExp(`^id +kind +name +created_at\n${partyId} +business +Café Río`))
})

test('a wallet is opened, limited, frozen, and found', async () => {
  const opened = await done(['wallet', 'open', 'US:100:usd', '--party', partyId, '--lower=-50', '--upper', '1000.50'])
  assert.deepEqual([opened.id, opened.lower, opened.upper, opened.status], ['us:100:USD', -50, 1000.5, 'open'])
  const limited = await done(['wallet', 'limit', 'us:100:USD', '--upper', 'none'])
  assert.deepEqual([limited.lower, limited.upper], [-50, null])
  assert.equal((await done(['wallet', 'freeze', 'us:100:USD'])).status, 'frozen')
  const before = await streams()
  assert.deepEqual((await done(['wallet', 'list', '--party', partyId])).items, [{ ...limited, status: 'frozen' }])
  const { balance } = await done(['wallet', 'balance', 'us:100:USD', '--at', '2026-01-01T00:00:00+02:00'])
  assert.equal(balance, 0)
  assert.deepEqual(await done(['wallet', 'statement', 'us:100:USD']), { items: [], next: null })
  assert.equal(await streams(), before, 'reading opened a ledger stream')
  const [row] = await database.db.query<{ principal: string }>(
    `select principal from transaction where kind = 'wallet-opening'`,
  )
  assert.match(row?.principal ?? '', /^cli:./)
})

test('a client is registered, signs by its id, and is ended', async () => {
  const scopes = ['--scope', 'balance', '--scope', 'payments']
  const client = await done(['client', 'create', '--id', 'till', '--party', partyId, '--name', 'Till', ...scopes])
  assert.match(client.client_secret, /^bfs_/)
  const signed = await done(['sign', '--client', 'till', '--payload', '{"endpoint":"balance"}'])
  assert.equal(signed.signature, createMac(createSigningKey(client.signing_secret)).sign('{"endpoint":"balance"}'))
  const rotated = await done(['client', 'rotate-signing-secret', 'till'])
  assert.notEqual(rotated.signing_secret, client.signing_secret)
  const old = await billfold(['verify', '--client', 'till', '--message', signed.envelope], { env })
  assert.deepEqual([old.status, /envelope-signature-wrong/.test(old.stdout)], [1, true])
  const changed = await done([
    'client',
    'change',
    'till',
    '--redirect-uri',
    'https://till.example/',
    '--implicit',
    'on',
  ])
  assert.deepEqual([changed.redirect_uris, changed.implicit], [['https://till.example/'], true])
  assert.match((await done(['client', 'disable', 'till'])).disabled_at, /Z$/)
  const { stdout } = await billfold(['client', 'show', 'till'], { env })
  assert.match(stdout, /^name +Till$/m)
  assert.doesNotMatch(stdout, /secret|bf[sh]_/)
})

test('refusals take one line and status 1, wrong calls the help page and status 2', async () => {
  await failed(['wallet', 'show', 'us:404:USD'], 1, /^billfold wallet: id: there is no such wallet\n$/)
  await failed(
    ['wallet', 'limit', 'us:100:USD', '--upper', '1e3'],
    1,
    /^billfold wallet: upper: The amount is no plain/,
  )
  await failed(['sign', '--client', 'nobody', '--payload', '{}'], 1, /there is no client "nobody"/)
  await failed(['party', 'list'], 1, /cannot be reached/, { DATABASE_URL: 'postgres://localhost:1/none' })
  await failed(['audit'], 1, /there is no key in .*: set BILLFOLD_KEY/, { BILLFOLD_KEY: '' })
  await failed(['wallet'], 2, /say what to do: open, list.*\n\nusage: billfold wallet/)
  await failed(['wallet', 'constructor'], 2, /there is no "constructor"/)
  await failed(['party', 'create', '--kind', 'person'], 2, /--name is missing/)
  await failed(['wallet', 'show', 'us:1:USD', 'us:2:USD'], 2, /unexpected: us:2:USD/)
  await failed(['wallet', 'balance', 'us:1:USD', '--at', '2026-01-01'], 2, /--at reads/)
  await failed(['export', '--format', 'xml'], 2, /--format is hledger, csv, jsonl/)
})

test('an audit of sound books is clean, writes nothing into them, and says where they are not', async () => {
  const before = await streams()
  const clean = await billfold(['audit'], { env })
  assert.equal(clean.status, 0, clean.stdout + clean.stderr)
  assert.match(clean.stdout, /^1 accounts, 3 transactions, .*\nthe books are clean\n$/)
  assert.equal(clean.stderr, '')
  assert.equal(await streams(), before)

  await database.db.query(`update account set upper = 7 where id = (select min(id) from account)`)
  const found = await billfold(['audit', '--json'], { env })
  assert.equal(found.status, 1)
  // The console knows of both.
  const runs = await database.db.query(
    'select status, principal, unlisted, ended_at >= started_at as over from audit_run order by id',
  )
  assert.deepEqual(
    runs,
    ['clean', 'findings'].map((status) => ({ status, principal: 'command line', unlisted: 0, over: true })),
  )
  const report = JSON.parse(found.stdout)
  assert.equal(report.clean, false)
  assert.ok(
    report.findings.some((finding: { table: string }) => finding.table === 'account'),
    found.stdout,
  )
  assert.match(report.heads[0].hash, /^[0-9a-f]{64}$/)
  await database.db.query('update account set upper = null')

  const heads = join(folder, 'heads.json')
  writeFileSync(heads, '{"heads":[],"mac":"00"}')
  const forged = await billfold(['audit', '--heads', heads], { env })
  assert.equal(forged.status, 1)
  assert.match(forged.stdout, /was changed, or written under another key/)
})

test('an export goes to standard output or, whole and private, to a file', async () => {
  const piped = await billfold(['export', '--format', 'jsonl'], { env })
  assert.equal(piped.status, 0, piped.stderr)
  assert.equal(piped.stderr, '')
  const lines = piped.stdout.trim().split('\n')
  for (const line of lines) JSON.parse(line)
  assert.ok(lines.length >= 3)
  const file = join(folder, 'books.jsonl')
  assert.equal((await billfold(['export', '--format', 'jsonl', '--output', file], { env })).status, 0)
  assert.equal(readFileSync(file, 'utf8'), piped.stdout)
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith('.part')),
    [],
  )
  await failed(['export', '--format', 'csv', '--output', join(folder, 'no', 'where')], 1, /cannot be written/)
})

test('an export whose reader has seen enough ends quietly', async () => {
  // Enough rows that the pipe is full long before the end.
  await database.db.query(
    `insert into transaction (id, seq, at, digest, stream, kind, principal, payload)
     select gen_random_uuid(), 1, now(), gen_random_uuid(), 1, 'payments', 'test', '{"description":"' || repeat('x', 200) || '"}'
     from generate_series(1, 5000)`,
  )
  const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
  const child = spawn(process.execPath, [main, 'export', '--format', 'jsonl'], {
    env: { PATH: process.env.PATH, BILLFOLD_MODE: 'sandbox', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let errors = ''
  child.stderr.on('data', (text) => {
    errors += text
  })
  await once(child.stdout, 'data')
  child.stdout.destroy()
  const [status] = await once(child, 'exit')
  assert.deepEqual([status, errors], [1, ''])
})

test('the command line changed nothing in the home but what the ledger keeps there', () => {
  const names = existsSync(home) ? readdirSync(home) : []
  assert.deepEqual(names, ['journal-heads.json'])
})

test('the refills of a wallet are shown, set and ended', async () => {
  await done(['wallet', 'open', 'us:110:USD', '--party', partyId])
  await done(['wallet', 'open', 'us:111:USD', '--party', partyId, '--parent', 'us:110:USD'])
  const before = await streams()
  assert.equal((await done(['wallet', 'refills', 'us:111:USD'])).policy, null)
  assert.equal(await streams(), before, 'reading opened a ledger stream')
  const caps = ['--per-refill', '25', '--per-period', '100.00', '--period', '1d']
  const { policy, parent } = await done(['wallet', 'refills', 'us:111:USD', ...caps])
  assert.deepEqual(
    [parent, policy.per_refill, policy.per_period, policy.period_seconds, policy.used],
    ['us:110:USD', 25, 100, 86_400, 0],
  )
  const shown = await billfold(['wallet', 'refills', 'us:111:USD'], { env })
  assert.match(shown.stdout, /^per_period +100$/m)
  assert.equal((await done(['wallet', 'refills', 'us:111:USD', '--none'])).policy, null)
  const [row] = await database.db.query<{ principal: string }>(
    "select principal from transaction where kind = 'refill-policy' order by at limit 1",
  )
  assert.match(row?.principal ?? '', /^cli:/)
  await failed(['wallet', 'refills', 'us:111:USD', '--none', ...caps], 2, /--none stands alone/)
  await failed(['wallet', 'refills', 'us:111:USD', '--per-refill', '1'], 2, /--per-period is missing/)
  await failed(['wallet', 'refills', 'us:111:USD', ...caps.slice(0, 5), '1 day'], 2, /--period is a number with/)
  await failed(['wallet', 'refills', 'us:999:USD', ...caps], 1, /there is no such wallet/)
})
