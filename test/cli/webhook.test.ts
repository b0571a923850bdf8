import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createTestDatabase } from '../support/database.ts'
import { billfold, databaseUrl } from './billfold.ts'

let database: Awaited<ReturnType<typeof createTestDatabase>>
let env: Record<string, string>
before(async () => {
  database = await createTestDatabase()
  env = {
    BILLFOLD_HOME: mkdtempSync(join(tmpdir(), 'billfold-webhook-')),
    BILLFOLD_KEY: randomBytes(32).toString('hex'),
    BILLFOLD_MODE: 'sandbox',
    DATABASE_URL: databaseUrl(database.db.connection),
  }
})
after(() => database.drop())

async function done(...args: string[]) {
  const ran = await billfold([...args, '--json'], { env })
  assert.equal(ran.status, 0, ran.stderr)
  return ran.stdout === '' ? null : JSON.parse(ran.stdout)
}

test('billfold webhook makes, changes and ends webhooks, and sends deliveries again', async () => {
  const party = (await done('party', 'create', '--kind', 'business', '--name', 'Shop')).id
  const url = 'http://127.0.0.1:9/hooks'
  const made = await done(
    'webhook',
    'create',
    '--party',
    party,
    '--url',
    url,
    '--topic',
    'wallet.*',
    '--topic',
    'stock.low',
  )
  assert.match(made.secret, /^whsec_/)
  const { id } = made
  assert.deepEqual(
    (await done('webhook', 'list', '--party', party)).items.map((one: { id: string }) => one.id),
    [id],
  )
  assert.deepEqual((await done('webhook', 'change', id, '--topic', '*')).topics, ['*'])
  assert.equal((await done('webhook', 'disable', id)).enabled, false)
  const refused = await billfold(['webhook', 'test', id], { env })
  assert.deepEqual([refused.status, refused.stderr], [1, 'billfold webhook: webhook_id: the webhook is disabled\n'])
  assert.equal((await done('webhook', 'enable', id)).enabled, true)
  assert.notEqual((await done('webhook', 'rotate', id, '--overlap', '0')).secret, made.secret)
  const sent = await done('webhook', 'test', id)
  assert.deepEqual([sent.status, sent.topic], ['waiting', 'webhook.test'])
  assert.deepEqual((await done('webhook', 'deliveries', '--receiver', id)).items.length, 1)
  assert.equal((await done('webhook', 'delivery', sent.id)).event.type, 'webhook.test')
  assert.equal((await done('webhook', 'replay', sent.id)).status, 'waiting')
  assert.deepEqual(await done('webhook', 'replay-failed', id, '--since', '2026-01-01T00:00:00Z'), { replayed: 0 })
  assert.deepEqual(await done('webhook', 'delete', id), { id, deleted: true })
  assert.equal((await billfold(['webhook', 'show', id], { env })).status, 1)
  assert.equal((await done('webhook', 'delivery', sent.id)).status, 'failed')
  const inside = await billfold(['webhook', 'create', '--party', party, '--url', 'https://10.0.0.1/', '--topic', '*'], {
    env,
  })
  assert.match(inside.stderr, /url: the host is at an address that is not called/)
  assert.equal((await billfold(['webhook', 'create', '--party', party], { env })).status, 2)
})
