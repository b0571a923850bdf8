import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { createJackpot } from '#sdk/jackpot/client.ts'
import { JackpotError } from '#sdk/jackpot/error.ts'
import { readJackpotNotification } from '#sdk/jackpot/notifications.ts'
import { instead } from '../walleo/loopback.ts'
import { credentials, startUpstream } from './upstream.ts'

async function start(t: TestContext) {
  const upstream = await startUpstream(t)
  const jackpot = createJackpot({ url: upstream.url, ...credentials, retry: { times: 0 } })
  const session = await jackpot.openSession({ amount: 100, notificationKey: 'order-7' })
  const voucher = await session.reserveByPrice({ storeId: 's-1', offerId: 'o-1', price: 100 })
  const told = (event: string, changes: object = {}, data: object = {}) =>
    JSON.stringify({
      event,
      id: 'b3b8c6f0-0000-4000-8000-000000000001',
      createdAt: '2026-01-01T00:00:00.000Z',
      message: { couponId: voucher.couponId, notificationKey: 'order-7', data: { ...voucher, ...data }, ...changes },
    })
  return { upstream, jackpot, voucher, told }
}

const refusalOf = async (verified: Promise<{ ok: boolean; refusal?: string }>) => (await verified).refusal ?? 'none'

test('a notification is believed as far as the server says the same', async (t) => {
  const { jackpot, voucher, told } = await start(t)
  const reserved = await jackpot.verifyNotification(told('coupon/reserved'))
  assert.ok(reserved.ok && 'voucher' in reserved)
  assert.deepEqual(
    [reserved.event, reserved.notificationKey, reserved.voucher],
    ['coupon/reserved', 'order-7', voucher],
  )
  assert.equal(await refusalOf(jackpot.verifyNotification(told('coupon/confirmed'))), 'not-true')
  await jackpot.confirm(voucher.id)
  assert.ok((await jackpot.verifyNotification(told('coupon/confirmed'))).ok)
  assert.ok((await jackpot.verifyNotification(told('coupon/reserved'))).ok, 'one that comes late is still true')
  assert.equal(await refusalOf(jackpot.verifyNotification(told('coupon/ready'))), 'not-true')
  assert.equal(await refusalOf(jackpot.verifyNotification(told('coupon/canceled'))), 'not-true')
})

test('what a forged one says of the voucher is not taken over', async (t) => {
  const { jackpot, told } = await start(t)
  const forged = await jackpot.verifyNotification(told('coupon/reserved', {}, { value: 5000, state: 'READY' }))
  assert.ok(forged.ok && 'voucher' in forged)
  assert.equal(forged.voucher.price, 100)
  assert.equal(forged.voucher.state, 'RESERVED')
  assert.equal(
    await refusalOf(jackpot.verifyNotification(told('coupon/reserved', { couponId: 'ZZZZZZZZZZ' }))),
    'not-true',
  )
  const elsewhere = told('coupon/reserved', {}, { id: '0198c0de-0000-7000-8000-000000000000' })
  assert.equal(await refusalOf(jackpot.verifyNotification(elsewhere)), 'unknown-voucher')
  // An id that would lead to another path stays one segment of this one.
  const path = told('coupon/reserved', {}, { id: '../stores' })
  assert.equal(await refusalOf(jackpot.verifyNotification(path)), 'unknown-voucher')
})

test('a server that cannot be asked proves nothing, and is asked again later', async (t) => {
  const { upstream, jackpot, told } = await start(t)
  await jackpot.verifyNotification(told('coupon/reserved'))
  upstream.faults.push(instead(503, ''))
  await assert.rejects(jackpot.verifyNotification(told('coupon/reserved')), JackpotError)
})

test('the older form is verified in the same way', async (t) => {
  const { jackpot, voucher } = await start(t)
  const read = await jackpot.verifyNotification(JSON.stringify(voucher))
  assert.ok(read.ok && 'voucher' in read)
  assert.deepEqual([read.event, read.id, read.notificationKey], ['coupon/reserved', null, null])
  assert.equal(await refusalOf(jackpot.verifyNotification(JSON.stringify({ ...voucher, state: 'READY' }))), 'not-true')
})

test('a store’s notification is believed when the catalogue has the store', async (t) => {
  const { jackpot } = await start(t)
  const told = (storeId: string) => JSON.stringify({ event: 'store/enabled', id: 'n', message: { storeId, data: {} } })
  const known = await jackpot.verifyNotification(told('s-1'))
  assert.ok(known.ok && 'store' in known && known.store.name === 'Meubles')
  assert.equal(await refusalOf(jackpot.verifyNotification(told('s-2'))), 'unknown-store')
})

const malformed = [
  '',
  '[]',
  '{',
  '{"event":5}',
  '{"event":"coupon/ready"}',
  '{"event":"coupon/ready","id":"x","message":{}}',
  '{"state":"READY"}',
  '{"id":"x","state":"CANCELED"}',
  '{"id":"a","id":"b","state":"READY"}',
  '{"id":"..","state":"READY"}',
  '{"event":"coupon/ready","id":"x","message":{"data":{"id":".."}}}',
]
for (const body of malformed) {
  test(`a body such as ${body.slice(0, 40) || 'nothing'} is malformed`, () => {
    assert.deepEqual(readJackpotNotification(body), { ok: false, refusal: 'malformed-body' })
  })
}

test('an event that nobody knows is named so', () => {
  const body = '{"event":"coupon/stolen","id":"x","message":{"data":{"id":"v"}}}'
  assert.deepEqual(readJackpotNotification(body), { ok: false, refusal: 'unknown-event' })
})
