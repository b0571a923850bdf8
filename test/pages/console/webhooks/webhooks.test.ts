import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { uuidV7 } from '../../../../src/domain/uuid.ts'
import { queueDelivery } from '../../../../src/storage/deliveries.ts'
import type { Visitor } from '../../visitor.ts'
import { type Access, assertWarned, secretsOn, startAccess } from '../access.ts'

let server: Access
let operator: Visitor
let owner: Visitor
let member: Visitor
before(async () => {
  server = await startAccess()
  operator = await server.visitor('operator')
  owner = await server.visitor('owner')
  member = await server.visitor('member')
})
after(() => server.stop())

async function made(
  fields: Record<string, string> = { 'topic:purchase.*': 'yes' },
): Promise<{ id: string; secret: string }> {
  const answer = await owner.submit('/console/webhooks/new', {
    url: 'https://shop.example/hooks',
    note: 'till',
    password: server.password('owner'),
    ...fields,
  })
  assert.equal(answer.status, 200, answer.text)
  assertWarned(answer.text)
  const id = String((await server.lastAct('webhook.create')).detail.webhook)
  return { id, secret: secretsOn(answer.text)[0] as string }
}

type Row = { party_id: string; url: string; topics: string[]; disabled_at: Date | null; deleted_at: Date | null }
const rowOf = async (id: string) =>
  (await server.db.query<Row>('select * from webhook_endpoint where id = $1', [id]))[0]

/** A delivery to an endpoint that has come to its end. */
async function delivered(receiver: string, status: 'failed' | 'delivered', object = `card:${uuidV7(Date.now())}`) {
  const id = uuidV7(Date.now())
  const body = JSON.stringify({ type: 'card.issued', data: {} })
  const delivery = { id, form: 'webhook', receiver, url: null, object, topic: 'card.issued', body } as const
  await queueDelivery(server.db, delivery, Date.now())
  await server.db.query('update delivery set status = $2, ended_at = clock_timestamp(), attempts = 1 where id = $1', [
    id,
    status,
  ])
  await server.db.query(
    `insert into delivery_attempt (delivery_id, number, at, ms, status, error, excerpt)
     values ($1, 1, clock_timestamp(), 12, 500, 'it answered 500', '<script>alert(1)</script>')`,
    [id],
  )
  return { id, object }
}

test('a webhook is made for the own party with its secret shown once, changed, disabled and enabled', async () => {
  const { id, secret } = await made({
    'topic:purchase.*': 'yes',
    'topic:card.issued': 'yes',
    party_id: server.elsewhere,
  })
  assert.match(secret, /^whsec_/)
  const row = await rowOf(id)
  assert.equal(row?.party_id, server.shop)
  assert.deepEqual(row?.topics.sort(), ['card.issued', 'purchase.*'])
  const edit = await member.submit(`/console/webhooks/${id}/edit`, {
    url: 'https://shop.example/other',
    'topic:*': 'yes',
    note: '',
    password: server.password('member'),
  })
  assert.equal(edit.status, 303, edit.text)
  assert.deepEqual([(await rowOf(id))?.url, (await rowOf(id))?.topics], ['https://shop.example/other', ['*']])
  const wrong = await member.submit(`/console/webhooks/${id}/edit`, {
    url: 'http://10.0.0.1/',
    'topic:*': 'yes',
    password: server.password('member'),
  })
  assert.equal(wrong.status, 422)
  assert.match(wrong.text, /cannot be called/)
  const none = await member.submit(`/console/webhooks/${id}/edit`, {
    url: 'https://shop.example/',
    password: server.password('member'),
  })
  assert.equal(none.status, 422)
  assert.match(none.text, /Choose at least one event/)
  assert.equal((await member.submit(`/console/webhooks/${id}`, {}, `/console/webhooks/${id}/disable`)).status, 303)
  assert.ok((await rowOf(id))?.disabled_at)
  assert.equal((await member.submit(`/console/webhooks/${id}`, {}, `/console/webhooks/${id}/enable`)).status, 303)
  assert.equal((await rowOf(id))?.disabled_at, null)
  for (const act of ['edit', 'disable', 'enable']) assert.ok(await server.lastAct(`webhook.${act}`))
})

test('its secret is replaced with an overlap, and it is deleted by its owner alone', async () => {
  const { id, secret } = await made()
  const rotated = await server.dare(owner, `/webhooks/${id}/rotate`, server.password('owner'), { hours: '2' })
  const [next] = secretsOn(rotated.text)
  assert.ok(next && next !== secret)
  const rows = await server.db.query<{ ends_at: Date | null }>(
    'select ends_at from webhook_secret where endpoint_id = $1',
    [id],
  )
  assert.equal(rows.length, 2)
  for (const hours of ['', '-1', '721', '1.5']) {
    const { status, text } = await owner.submit(`/console/webhooks/${id}/rotate`, {
      hours,
      password: server.password('owner'),
    })
    assert.equal(status, 422)
    assert.match(text, /0 to 30 days/)
  }
  assert.equal((await member.get(`/console/webhooks/${id}/delete`)).status, 404)
  assert.equal((await server.dare(owner, `/webhooks/${id}/delete`, server.password('owner'))).status, 303)
  assert.ok((await rowOf(id))?.deleted_at)
  assert.equal((await owner.get(`/console/webhooks/${id}`)).status, 404)
})

test('a test event is queued, and its delivery is shown', async () => {
  const { id } = await made()
  const sent = await member.submit(`/console/webhooks/${id}`, {}, `/console/webhooks/${id}/test`)
  assert.match(sent.location ?? '', /^\/console\/deliveries\//)
  const page = await member.get(sent.location as string)
  assert.equal(page.status, 200)
  assert.match(page.text, /webhook\.test/)
})

test('deliveries are found by state, object and receiver, and sent again one by one or all that failed', async () => {
  const { id } = await made()
  const [failed, other, well] = [
    await delivered(id, 'failed'),
    await delivered(id, 'failed'),
    await delivered(id, 'delivered'),
  ]
  const found = async (query: string) => {
    const { text, status } = await member.get(`/console/deliveries?${query}`)
    assert.equal(status, 200)
    return [failed, other, well].map((one) => text.includes(`/console/deliveries/${one.id}`))
  }
  assert.deepEqual(await found(''), [true, true, true])
  assert.deepEqual(await found('status=failed'), [true, true, false])
  assert.deepEqual(await found(`object=${failed.object}`), [true, false, false])
  assert.deepEqual(await found(`receiver=${id}&status=delivered`), [false, false, true])
  assert.deepEqual(await found(`receiver=${server.elsewhere}`), [false, false, false])
  const page = await member.get(`/console/deliveries/${failed.id}`)
  assert.match(page.text, /it answered 500/)
  assert.ok(!page.text.includes('<script>alert'))
  const again = await member.submit(`/console/deliveries/${failed.id}`, {}, `/console/deliveries/${failed.id}/replay`)
  assert.equal(again.status, 303)
  const status = async (of: string) =>
    (await server.db.query<{ status: string }>('select status from delivery where id = $1', [of]))[0]?.status
  assert.equal(await status(failed.id), 'waiting')
  const since = new Date(Date.now() - 3_600_000).toISOString().slice(0, 16)
  const all = await member.submit(`/console/webhooks/${id}`, { since }, `/console/webhooks/${id}/replay`)
  assert.equal(all.location, `/console/webhooks/${id}?done=replayed&count=1`)
  assert.equal(await status(other.id), 'waiting')
  assert.equal(await status(well.id), 'delivered')
  assert.deepEqual((await server.lastAct('webhook.replay')).detail.replayed, 1)
  const wrong = await member.submit(`/console/webhooks/${id}`, { since: 'soon' }, `/console/webhooks/${id}/replay`)
  assert.equal(wrong.status, 422)
  assert.match((await member.get('/console/deliveries.csv')).text, new RegExp(`${well.id},webhook`))
})

test('a delivery of a webhook that is disabled is not sent again, and the page says why', async () => {
  const { id } = await made()
  const failed = await delivered(id, 'failed')
  await member.submit(`/console/webhooks/${id}`, {}, `/console/webhooks/${id}/disable`)
  const answer = await member.submit(`/console/deliveries/${failed.id}`, {}, `/console/deliveries/${failed.id}/replay`)
  assert.equal(answer.status, 409)
  assert.match(answer.text, /disabled or deleted/)
})

test('another business has none of it', async () => {
  const { id } = await made()
  const failed = await delivered(id, 'failed')
  assert.equal((await server.stranger.get(`/console/webhooks/${id}`)).status, 404)
  assert.equal((await server.stranger.get(`/console/deliveries/${failed.id}`)).status, 404)
  await server.hidden(['edit', 'rotate', 'delete'].map((act) => `/webhooks/${id}/${act}`))
  const csrf = /name="csrf" value="([^"]+)"/.exec((await server.stranger.get('/account')).text)?.[1] ?? ''
  for (const path of [
    `/webhooks/${id}/test`,
    `/webhooks/${id}/disable`,
    `/webhooks/${id}/replay`,
    `/deliveries/${failed.id}/replay`,
  ])
    assert.equal((await server.stranger.post(`/console${path}`, { csrf })).status, 404, path)
  assert.ok(!(await server.stranger.get(`/console/deliveries?receiver=${id}`)).text.includes(failed.id))
  const viewer = await server.visitor('viewer')
  assert.equal((await viewer.get(`/console/deliveries/${failed.id}`)).status, 200)
  assert.ok((await operator.get('/console/webhooks')).text.includes(id))
  assert.ok((await operator.get(`/console/webhooks?party=${server.shop}`)).text.includes(id))
  assert.ok(!(await operator.get(`/console/webhooks?party=${server.elsewhere}`)).text.includes(id))
})
