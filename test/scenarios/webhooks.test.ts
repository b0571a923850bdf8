import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Webhook } from 'standardwebhooks'
import { importWebhookKey, verifyWebhook } from '#sdk/webhooks/verify.ts'
import { runningConnection } from '../../src/engine/start-engine.ts'
import type { SandboxFile } from '../../src/operations/fill-sandbox.ts'
import { openDatabase } from '../../src/storage/database.ts'
import { type Received, startReceiver } from '../delivery/world.ts'
import { give, paymentTo } from '../protocols/webwallet/money.ts'
import { deleteHome, newHome } from '../support/engines.ts'
import { eventually } from '../support/eventually.ts'
import { type SandboxServer, startSandboxServer } from '../support/server.ts'
import { freePort, spawnServer } from '../support/server-process.ts'
import { type Answer, type Caller, createCaller, grantToken, send } from '../support/wallet-client.ts'

/** One call of the admin API, and its answer's body. */
async function admin(url: string, key: string, method: string, path: string, body?: object): Promise<Answer['body']> {
  const answer = await send(url, `/admin/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })
  assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text}`)
  return answer.body
}

const eventOf = ({ body }: Received) => JSON.parse(body)
const idOf = ({ headers }: Received) => headers['webhook-id'] as string

describe('webhooks over the wire', { timeout: 60_000 }, () => {
  let server: SandboxServer
  let shop: Caller & { partyId: string }
  before(async () => {
    server = await startSandboxServer()
    shop = await server.client([{ id: 'desk:hook:USD', lower: '-1000.00' }, 'desk:till:USD'])
  })
  after(async () => {
    assert.deepEqual(server.faults, [])
    await server.assertClean()
    await server.stop()
  })
  const call = (method: string, path: string, body?: object) =>
    admin(server.url, server.sandbox.operator.api_key, method, path, body)
  const create = (url: string, topics: string[]) => call('POST', '/webhooks', { party_id: shop.partyId, url, topics })
  const verifies = (secret: string, { body, headers }: Received): boolean => {
    try {
      new Webhook(secret).verify(body, headers as Record<string, string>)
      return true
    } catch {
      return false
    }
  }

  test('a payment arrives, and standardwebhooks and the SDK believe it', async (t) => {
    const receiver = await startReceiver()
    t.after(receiver.close)
    const made = await create(`${receiver.url}/hooks?x=1`, ['wallet.debited'])
    assert.match(made.secret, /^whsec_[A-Za-z0-9+/]{43}=$/)
    await shop.done('/desk:hook:USD/payments', paymentTo('desk:till:USD', '12.34'))
    await eventually(() => receiver.received.length > 0)
    const [received] = receiver.received as [Received]
    assert.equal(received.path, '/hooks?x=1')
    const event = new Webhook(made.secret).verify(received.body, received.headers as Record<string, string>) as {
      type: string
      data: Record<string, unknown>
    }
    assert.deepEqual([event.type, event.data.amount, event.data.wallet], ['wallet.debited', '12.34', 'desk:hook:USD'])
    const header = (name: string) => received.headers[name] as string | undefined
    const key = await importWebhookKey(made.secret)
    assert.equal((await verifyWebhook({ header, body: received.body }, [key])).ok, true)
    assert.equal((await verifyWebhook({ header, body: `${received.body} ` }, [key])).ok, false)
    assert.ok(received.body.length < 20_000)
    const show = () => call('GET', `/deliveries/${idOf(received)}`)
    // It is noted a moment after the receiver has answered.
    await eventually(async () => (await show()).status === 'delivered')
    const shown = await show()
    assert.deepEqual(
      [shown.status, shown.receiver, shown.log[0].status, shown.event],
      ['delivered', made.id, 204, event],
    )
    assert.ok(!JSON.stringify(await call('GET', `/webhooks/${made.id}`)).includes('whsec_'))
    await call('DELETE', `/webhooks/${made.id}`)
  })

  test('while a secret is replaced a delivery has both signatures, then one', async (t) => {
    const receiver = await startReceiver()
    t.after(receiver.close)
    const { id, secret: old } = await create(receiver.url, ['webhook.test'])
    const next = async () => {
      const before = receiver.received.length
      await call('POST', `/webhooks/${id}/test`)
      await eventually(() => receiver.received.length > before)
      return receiver.received.at(-1) as Received
    }
    const { secret: second } = await call('POST', `/webhooks/${id}/rotate-secret`, {})
    const both = await next()
    assert.deepEqual([verifies(old, both), verifies(second, both)], [true, true])
    const { secret: third } = await call('POST', `/webhooks/${id}/rotate-secret`, { overlap_seconds: 1 })
    const two = await next()
    assert.deepEqual(
      [old, second, third].map((secret) => verifies(secret, two)),
      [false, true, true],
    )
    await delay(1_100)
    const one = await next()
    assert.deepEqual(
      [second, third].map((secret) => verifies(secret, one)),
      [false, true],
    )
    assert.equal((one.headers['webhook-signature'] as string).split(' ').length, 1)
    await call('DELETE', `/webhooks/${id}`)
  })

  test('410 disables the webhook and ends what waits; enabled again, it hears of what is new', async (t) => {
    let gone = true
    const receiver = await startReceiver((_, res) => res.writeHead(gone ? 410 : 200).end('closed'))
    t.after(receiver.close)
    const { id } = await create(receiver.url, ['wallet.*'])
    await shop.done('/desk:hook:USD/payments', paymentTo('desk:till:USD', '1.00'))
    await eventually(async () => (await call('GET', `/webhooks/${id}`)).disabled_because === 'gone')
    await shop.done('/desk:hook:USD/payments', paymentTo('desk:till:USD', '2.00'))
    gone = false
    const calls = receiver.received.length
    await delay(1_500)
    assert.equal(receiver.received.length, calls)
    await call('PATCH', `/webhooks/${id}`, { enabled: true })
    await shop.done('/desk:hook:USD/payments', paymentTo('desk:till:USD', '3.00'))
    await eventually(() => receiver.received.length === calls + 2)
    assert.deepEqual(new Set(receiver.received.slice(calls).map((one) => eventOf(one).data.amount)), new Set(['3.00']))
    await call('DELETE', `/webhooks/${id}`)
  })

  test('a delivery keeps its id when it is sent again: one, or all that failed since', async (t) => {
    let status = 204
    const receiver = await startReceiver((_, res) => res.writeHead(status).end())
    t.after(receiver.close)
    const { id } = await create(receiver.url, ['webhook.test'])
    const first = await call('POST', `/webhooks/${id}/test`)
    await eventually(() => receiver.received.length === 1)
    await eventually(async () => (await call('GET', `/deliveries/${first.id}`)).status === 'delivered')
    await call('POST', `/deliveries/${first.id}/replay`)
    await eventually(() => receiver.received.length === 2)
    assert.deepEqual(receiver.received.map(idOf), [first.id, first.id])
    await eventually(async () => (await call('GET', `/deliveries/${first.id}`)).log.length === 2)
    status = 500
    const second = await call('POST', `/webhooks/${id}/test`)
    await eventually(() => receiver.received.length === 3)
    // As if its days were over.
    await server.db.query(`update delivery set status = 'failed', ended_at = now() where id = $1`, [second.id])
    status = 204
    const since = new Date(Date.now() - 60_000).toISOString()
    assert.deepEqual(await call('POST', `/webhooks/${id}/replay`, { since }), { replayed: 1 })
    await eventually(() => receiver.received.length === 4)
    assert.deepEqual(receiver.received.map(idOf).slice(2), [second.id, second.id])
    const { items } = await call('GET', `/deliveries?receiver=${id}`)
    assert.deepEqual(
      items.map((item: { id: string }) => item.id),
      [second.id, first.id],
    )
    await call('DELETE', `/webhooks/${id}`)
  })

  test('an address inside is refused at the door, and what a name has become is found at the attempt', async () => {
    for (const url of [
      'https://10.0.0.1/',
      'http://169.254.169.254/latest',
      'https://[fd00::1]/',
      'ftp://x.example/',
      'http://1.1.1.1/',
    ]) {
      const answer = await send(server.url, '/admin/v1/webhooks', {
        body: JSON.stringify({ party_id: shop.partyId, url, topics: ['*'] }),
        headers: { authorization: `Bearer ${server.sandbox.operator.api_key}`, 'content-type': 'application/json' },
      })
      assert.equal(answer.status, 422, url)
      assert.equal(answer.body.field, 'url')
    }
    const { id } = await create('https://no-such-name.invalid/', ['webhook.test'])
    const sent = await call('POST', `/webhooks/${id}/test`)
    await eventually(async () => (await call('GET', `/deliveries/${sent.id}`)).log.length === 1)
    assert.equal((await call('GET', `/deliveries/${sent.id}`)).log[0].error, 'the host has no address')
    await call('DELETE', `/webhooks/${id}`)
  })

  test('the metrics count attempts, and what waits', async () => {
    const { text } = await send(server.url, '/metrics')
    assert.match(text, /billfold_delivery_attempts_total\{form="webhook",outcome="delivered"\} [1-9]/)
    assert.match(text, /billfold_delivery_attempts_total\{form="webhook",outcome="failed"\} [1-9]/)
    assert.match(text, /billfold_deliveries_waiting \d/)
  })

  test('16 callers at once: every payment arrives, in the order of the wallet', async (t) => {
    const receiver = await startReceiver((_, res) =>
      res.writeHead(Math.random() < 0.1 ? 503 : 204, { 'retry-after': '0' }).end(),
    )
    t.after(receiver.close)
    await give(server, 'desk:hook:USD', '100.00')
    const { id } = await create(receiver.url, ['wallet.debited'])
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        for (let i = 0; i < 3; i++) await shop.done('/desk:hook:USD/payments', paymentTo('desk:till:USD', '0.01'))
      }),
    )
    const arrived = () => {
      const sequences: number[] = []
      for (const one of receiver.received) {
        const { sequence } = eventOf(one).data
        if (!sequences.includes(sequence)) sequences.push(sequence)
      }
      return sequences
    }
    // The schedule's first pause is five seconds: whoever fails is asked for again, as an operator would.
    await eventually(
      async () => {
        await server.db.query(
          `update delivery set next_attempt_at = now() where receiver = $1 and status = 'waiting' and attempts > 0
        and exists (select from delivery_attempt a where a.delivery_id = id and a.number = attempts)`,
          [id],
        )
        return arrived().length === 48
      },
      { within: 40_000 },
    )
    const sequences = arrived()
    assert.deepEqual(
      sequences,
      sequences.toSorted((a, b) => a - b),
    )
    await call('DELETE', `/webhooks/${id}`)
  })
})

test('kill -9 between claim and answer: every event still arrives', { timeout: 90_000 }, async (t) => {
  const home = newHome()
  let answering = false
  const receiver = await startReceiver((_, res) => answering && res.writeHead(204).end())
  t.after(receiver.close)
  const port = await freePort()
  const start = () => spawnServer('start', port, { BILLFOLD_HOME: home, LOG_LEVEL: 'error' })
  let server = start()
  try {
    await server.ready()
    const sandbox: SandboxFile = JSON.parse(await readFile(join(home, 'sandbox.json'), 'utf8'))
    const { client_id, client_secret, signing_secret } = sandbox.clients.gateway
    const token = await grantToken(server.url, client_id, client_secret)
    const gateway = createCaller(server.url, { id: client_id, signingSecret: signing_secret, token })
    const wallets = (await admin(server.url, sandbox.operator.api_key, 'GET', '/wallets?limit=100')).items
    const partyId = wallets.find(({ id }: { id: string }) => id === 'bank:gateway:USD').party_id
    const hook = { party_id: partyId, url: receiver.url, topics: ['wallet.debited'] }
    const { secret } = await admin(server.url, sandbox.operator.api_key, 'POST', '/webhooks', hook)
    const paid = new Set<string>()
    const pay = async () => {
      const payload = paymentTo('shop:corner-cafe:USD', '0.01')
      paid.add((await gateway.done('/bank:gateway:USD/payments', payload)).reference)
    }
    for (let i = 0; i < 5; i++) await pay()
    await eventually(() => receiver.received.length > 0)
    await pay()
    await server.kill()
    answering = true
    server = start()
    await server.ready()
    const connection = await runningConnection(home)
    assert.ok(connection)
    const db = openDatabase(connection, { connections: 1 })
    const [left] = await db.query<{ attempts: number; leased: boolean }>(
      `select attempts, next_attempt_at > now() as leased from delivery where status = 'waiting' order by sequence limit 1`,
    )
    assert.deepEqual(left, { attempts: 1, leased: true }, 'it was claimed, and its lease holds')
    // The lease runs out.
    await db.query(`update delivery set next_attempt_at = now() where status = 'waiting'`)
    await db.close()
    const references = () => new Set(receiver.received.map((one) => eventOf(one).data.reference))
    await eventually(() => references().size >= 6, { within: 30_000 })
    assert.deepEqual(references(), paid)
    for (const { body, headers } of receiver.received)
      new Webhook(secret).verify(body, headers as Record<string, string>)
    assert.equal(receiver.received[0]?.headers['webhook-id'], receiver.received[1]?.headers['webhook-id'])
  } finally {
    await server.kill()
    await deleteHome(home)
  }
})
