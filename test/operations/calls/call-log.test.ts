import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { createLocalRates } from '../../../src/credentials/rate.ts'
import { uuidV7 } from '../../../src/domain/uuid.ts'
import { type CallLog, type CallLogDeps, createCallLog, failCheck } from '../../../src/operations/calls/call-log.ts'
import { type ApiCallRow, listApiCalls, readCredentialUses } from '../../../src/storage/api-calls.ts'
import { CALL_RETENTION, sweepCalls } from '../../../src/worker/sweep-calls.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'

let test_: TestDatabase
before(async () => {
  test_ = await createTestDatabase()
})
after(() => test_.drop())

const PARTY = uuidV7(Date.now())
const KEY = uuidV7(Date.now())
let now = Date.parse('2026-11-22T10:00:00Z')
let dropped: [string, number][] = []
let warnings = 0

beforeEach(async () => {
  await test_.db.query('truncate api_call, credential_use')
  dropped = []
  warnings = 0
})

const open = (more: Partial<CallLogDeps> = {}): CallLog =>
  createCallLog({
    db: test_.db,
    clock: () => now,
    log: { warn: () => void warnings++ },
    rates: createLocalRates(),
    onDropped: (why, calls) => void dropped.push([why, calls]),
    interval: 60_000,
    ...more,
  })

function make(log: CallLog, { status = 200, proven = true, owner = true, route = '/cards' } = {}): void {
  const call = log.begin('walleo', 'POST', route)
  if (owner) call.owner = { partyId: PARTY, credentialId: KEY }
  call.proven = proven
  call.requestId = 'r-1'
  call.address = '203.0.113.7'
  if (status >= 400 && !proven) failCheck(call, 'wrong-signature', { signed: 'POST+https://shop\u0000\ud800' })
  log.end(call, status, status < 400 ? undefined : { code: 'no', message: 'It\u0000was not\nto be' })
}

const rows = async (): Promise<readonly ApiCallRow[]> => (await listApiCalls(test_.db, {}, { limit: 1_000 })).rows

test('calls wait in memory and are written together, those of nobody never', async () => {
  const log = open()
  make(log)
  make(log, { owner: false })
  make(log, { status: 422 })
  assert.deepEqual(await rows(), [])
  await log.flush()
  const [, refused] = [...(await rows())].sort((a, b) => a.status - b.status)
  assert.equal((await rows()).length, 2)
  assert.ok(refused)
  const { party_id, credential_id, protocol, method, route, request_id, status, code, message, address, at } = refused
  assert.deepEqual(
    { party_id, credential_id, protocol, method, route, request_id, status, code, message, address, at },
    {
      party_id: PARTY,
      credential_id: KEY,
      protocol: 'walleo',
      method: 'POST',
      route: '/cards',
      request_id: 'r-1',
      status: 422,
      code: 'no',
      message: 'It was not to be',
      address: '203.0.113.7',
      at: new Date(now),
    },
  )
  await log.close()
})

test('what is written of a check is text that a column can hold, whatever the caller sent', async () => {
  const log = open()
  make(log, { status: 401, proven: false })
  await log.close()
  const [row] = await rows()
  assert.equal(row?.failed, 'wrong-signature')
  assert.deepEqual(row?.facts, { signed: 'POST+https://shop \ufffd' })
})

test('closing writes what waits', async () => {
  const log = open()
  for (let i = 0; i < 12_000; i++) make(log)
  await log.close()
  const [count] = await test_.db.query<{ n: number }>('select count(*)::int as n from api_call')
  assert.equal(count?.n, 12_000)
})

test('more than the bound do not wait: they are dropped and counted', async () => {
  const log = open({ bound: 100 })
  for (let i = 0; i < 150; i++) make(log)
  assert.equal(dropped.length, 50)
  assert.ok(dropped.every(([why]) => why === 'full'))
  await log.close()
  assert.equal((await rows()).length, 100)
})

test('a stranger who knows a key pushes nothing out: sixty a minute are told, and the owner’s own calls all the same', async () => {
  const log = open()
  for (let i = 0; i < 100; i++) make(log, { status: 401, proven: false })
  assert.equal(dropped.filter(([why]) => why === 'unproven').length, 40)
  for (let i = 0; i < 100; i++) make(log)
  now += 60_000
  make(log, { status: 401, proven: false })
  await log.close()
  assert.equal((await rows()).length, 161)
})

test('while the database is away calls wait for it; what it refuses is dropped and counted', async () => {
  let away: Error | null = Object.assign(new Error('no'), { code: 'ECONNREFUSED' })
  const db = {
    ...test_.db,
    query: <Row>(text: string, values?: unknown[]) => (away ? Promise.reject(away) : test_.db.query<Row>(text, values)),
  }
  const log = open({ db })
  make(log)
  await log.flush()
  assert.equal(warnings, 1)
  away = null
  await log.flush()
  assert.equal((await rows()).length, 1)
  away = Object.assign(new Error('no'), { code: '23514' })
  make(log)
  await log.flush()
  assert.deepEqual(dropped, [['refused', 1]])
  away = null
  await log.close()
  assert.equal((await rows()).length, 1)
})

test('the last use of a key is kept, apart from what was tried with it in vain', async () => {
  const log = open()
  const first = now
  make(log)
  await log.flush()
  now += 5_000
  make(log, { status: 401, proven: false })
  await log.close()
  const use = (await readCredentialUses(test_.db, [KEY])).get(KEY)
  assert.equal(use?.used_at?.getTime(), first)
  assert.equal(use?.refused_at?.getTime(), now)
})

test('calls of more than thirty days ago are forgotten, and younger ones are not', async () => {
  const log = open()
  const then = now
  make(log, { route: '/old' })
  await log.flush()
  now += 1_000
  make(log, { route: '/young' })
  await log.close()
  await sweepCalls({ db: test_.db, clock: () => then + 500 + CALL_RETENTION })
  assert.deepEqual(
    (await rows()).map(({ route }) => route),
    ['/young'],
  )
})

test('a search that finds little stops after so many calls, and goes on from there', async () => {
  const log = open()
  for (let i = 0; i < 30; i++) {
    now += 1
    make(log, { route: i === 0 ? '/rare' : '/cards' })
  }
  await log.close()
  const seen: string[] = []
  let before: string | undefined
  for (let page = 0; page < 5; page++) {
    const { rows: found, stopped } = await listApiCalls(test_.db, { route: 'rare' }, { before, limit: 5, scan: 10 })
    seen.push(...found.map(({ route }) => route))
    if (stopped === null) break
    before = stopped.after
  }
  assert.deepEqual(seen, ['/rare'])
})

test('telling of a call costs a request less than five microseconds', async () => {
  const log = open({ bound: 1_000_000 })
  const runs = Array.from({ length: 7 }, () => {
    const started = performance.now()
    for (let i = 0; i < 10_000; i++) make(log)
    return (performance.now() - started) / 10
  })
  assert.ok(Math.min(...runs) < 5, `${Math.min(...runs)} µs`)
  await log.close()
})
