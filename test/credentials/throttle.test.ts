import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import test, { after, before } from 'node:test'
import { createKeyring } from '../../src/credentials/keyring.ts'
import { createThrottle, type Throttle, type ThrottleKey } from '../../src/credentials/throttle.ts'
import { type Database, openDatabase } from '../../src/storage/database.ts'
import { createTestDatabase } from '../support/database.ts'

const throttle = createThrottle(createKeyring([randomBytes(32)]))
let db: Database
let drop: () => Promise<void>
before(async () => {
  ;({ db, drop } = await createTestDatabase())
})
after(() => drop())

const fresh = (rule: ThrottleKey['rule'] = 'account'): ThrottleKey => ({ rule, of: randomBytes(8).toString('hex') })

async function takeAll(key: ThrottleKey, count: number): Promise<number[]> {
  const waits: number[] = []
  for (let attempt = 0; attempt < count; attempt++) waits.push(await throttle.take(db, key))
  return waits
}

test('the first five attempts are free, the sixth waits', async () => {
  assert.deepEqual(await takeAll(fresh(), 6), [0, 0, 0, 0, 0, 1])
})

test('of 64 attempts at once five get through', async () => {
  const key = fresh()
  const waits = await Promise.all(Array.from({ length: 64 }, () => throttle.take(db, key)))
  assert.equal(waits.filter((wait) => wait === 0).length, 5)
})

test('an attempt that one key refuses is counted under none', async () => {
  const [address, account] = [fresh('address'), fresh()]
  await takeAll(account, 5)
  for (let attempt = 0; attempt < 30; attempt++) await throttle.take(db, address, account)
  assert.deepEqual(await takeAll(address, 20), Array(20).fill(0))
})

test('many callers with the same addresses and accounts, good and bad, never get stuck', async () => {
  const addresses = Array.from({ length: 3 }, () => fresh('address'))
  const accounts = Array.from({ length: 3 }, () => fresh())
  await Promise.all(
    Array.from({ length: 60 }, async (_, index) => {
      const [address, account] = [addresses[index % 3] as ThrottleKey, accounts[(index * 7) % 3] as ThrottleKey]
      if ((await throttle.take(db, address, account)) > 0) return
      await db.transaction(async (sql) => {
        await throttle.giveBack(sql, address)
        await throttle.clear(sql, account)
      })
    }),
  )
})

test('good attempts are taken back, so that an address with many people is not slowed down by them', async () => {
  const address = fresh('address')
  for (let attempt = 0; attempt < 50; attempt++) {
    assert.equal(await throttle.take(db, address), 0)
    await throttle.giveBack(db, address)
  }
})

test('after an hour without attempts counting begins again', async () => {
  const key = fresh()
  await takeAll(key, 5)
  await db.query(
    `update sign_in_throttle set at = at - interval '61 minutes', blocked_until = blocked_until - interval '61 minutes'`,
  )
  assert.deepEqual(await takeAll(key, 5), [0, 0, 0, 0, 0])
})

test('each rule has its own free attempts, longest pause and time after which it forgets', async () => {
  const rules: [ThrottleKey['rule'], free: number, cap: number, forget: number][] = [
    ['account', 5, 300, 3_600],
    ['device', 5, 300, 3_600],
    ['session', 5, 300, 3_600],
    ['factor', 5, 3_600, 86_400],
    ['factor-device', 5, 3_600, 86_400],
    ['factor-session', 5, 3_600, 86_400],
    ['invitation', 20, 300, 3_600],
    ['address', 20, 300, 3_600],
    ['recovery-account', 3, 300, 3_600],
    ['recovery-address', 10, 300, 3_600],
    ['verification-account', 3, 300, 3_600],
    ['code-key', 20, 60, 600],
    ['code-address', 20, 60, 600],
    ['balance-card', 5, 3_600, 86_400],
    ['balance-address', 20, 300, 3_600],
  ]
  for (const [rule, free, cap, forget] of rules) {
    const key = fresh(rule)
    await db.query('delete from sign_in_throttle')
    const afterwards = async (failures: number, seconds: number) => {
      await db.query(
        `update sign_in_throttle set failures = $1, at = clock_timestamp() - make_interval(secs => $2), blocked_until = clock_timestamp()`,
        [failures, seconds],
      )
      assert.equal(await throttle.take(db, key), 0, rule)
      return throttle.pause(db, key)
    }
    await throttle.take(db, key)
    assert.deepEqual([await afterwards(free - 2, 0), await afterwards(free - 1, 0)], [0, 1], rule)
    assert.equal(await afterwards(50, forget - 5), cap, rule)
    assert.equal(await afterwards(50, forget + 5), 0, rule)
  }
})

test('every rule of addresses counts a /64 as one, and no other rule reads its names as addresses', async () => {
  for (const [rule, same] of [
    ['recovery-address', true],
    ['code-address', true],
    ['balance-address', true],
    ['account', false],
    ['balance-card', false],
  ] as const) {
    await db.query('delete from sign_in_throttle')
    await throttle.take(db, { rule, of: '2001:db8:1:2::1' })
    await throttle.take(db, { rule, of: '2001:db8:1:2::2' })
    assert.equal((await db.query('select from sign_in_throttle')).length, same ? 1 : 2, rule)
  }
})

test('a pause is looked at without an attempt, under the slowest of the keys, and ends when a key is cleared', async () => {
  const [one, two, three] = [fresh(), fresh(), fresh()]
  await takeAll(one, 5)
  await takeAll(two, 4)
  assert.equal(await throttle.pause(db, three), 0)
  assert.equal(await throttle.pause(db, two, one, three), 1)
  assert.equal(await throttle.pause(db, two), 0)
  assert.deepEqual(await takeAll(two, 2), [0, 1])
  await throttle.clear(db, one)
  assert.equal(await throttle.pause(db, one), 0)
  assert.equal(await throttle.pause(db, two), 1)
  await throttle.giveBack(db, two)
  assert.equal(await throttle.pause(db, two), 1, 'what others earned stays')
})

test('a database that is away is told as it is', async () => {
  const away = { ...db, transaction: () => Promise.reject(new Error('away')) }
  await assert.rejects(throttle.take(away, fresh()), /^Error: away$/)
})

test('a key of one rule is none of another', async () => {
  const of = 'same'
  await takeAll({ rule: 'account', of }, 6)
  assert.equal(await throttle.take(db, { rule: 'device', of }), 0)
})

for (const [one, other, same] of [
  ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', true],
  ['2001:db8:1:2::1', '2001:DB8:1:2:0:0:0:7', true],
  ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
  ['::1', '::2', true],
  ['192.0.2.1', '192.0.2.2', false],
] as const) {
  test(`${one} and ${other} are ${same ? 'one address' : 'two'}`, async () => {
    const mine = createThrottle(createKeyring([randomBytes(32)]))
    for (let attempt = 0; attempt < 20; attempt++) await mine.take(db, { rule: 'address', of: one })
    assert.equal((await mine.take(db, { rule: 'address', of: other })) > 0, same)
  })
}

test('two processes count the same attempts, and one that starts later knows them', async () => {
  const secret = randomBytes(32)
  const [one, other, later] = [0, 1, 2].map(() => createThrottle(createKeyring([secret]))) as [
    Throttle,
    Throttle,
    Throttle,
  ]
  const elsewhere = openDatabase(db.connection, { connections: 2 })
  try {
    const key = fresh()
    const waits: number[] = []
    for (let attempt = 0; attempt < 3; attempt++) waits.push(await one.take(db, key), await other.take(elsewhere, key))
    assert.deepEqual(waits, [0, 0, 0, 0, 0, 1])
    assert.ok((await later.take(elsewhere, key)) > 0)
  } finally {
    await elsewhere.close()
  }
})
