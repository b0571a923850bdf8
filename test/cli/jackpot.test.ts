import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createTestDatabase } from '../support/database.ts'
import { billfold, databaseUrl } from './billfold.ts'

test('billfold jackpot opens accounts, changes them, and makes and ends offers', async (t) => {
  const database = await createTestDatabase()
  t.after(() => database.drop())
  const env = {
    BILLFOLD_HOME: join(mkdtempSync(join(tmpdir(), 'billfold-cli-jackpot-')), 'home'),
    BILLFOLD_KEY: randomBytes(32).toString('hex'),
    DATABASE_URL: databaseUrl(database.db.connection),
  }
  const done = async (...args: string[]) => {
    const ran = await billfold([...args, '--json'], { env })
    assert.equal(ran.status, 0, ran.stderr)
    return JSON.parse(ran.stdout)
  }
  const failed = async (status: number, message: RegExp, ...args: string[]) => {
    const ran = await billfold(args, { env })
    assert.deepEqual([ran.status, message.test(ran.stderr)], [status, true], ran.stderr)
    assert.doesNotMatch(ran.stderr, /\n {4}at /)
  }
  const { id: party } = await done('party', 'create', '--kind', 'business', '--name', 'Vouchers')
  await done('partner', 'create', '--party', party, '--slug', 'acme')
  await failed(1, /no float/, 'jackpot', 'open', 'acme', '--currency', 'EUR')
  await done('partner', 'float', 'acme', '--currency', 'EUR')
  const settings = ['--domain', 'shop.example', '--notify', 'http://shop.example/notices']
  const made = await done('jackpot', 'open', 'acme', '--currency', 'EUR', ...settings)
  assert.match(made.api_key, /^test_jackpot_/)
  assert.match(made.client_secret, /^bfjs_/)
  await failed(1, /has a Jackpot account/, 'jackpot', 'open', 'acme', '--currency', 'EUR')
  const changed = await done('jackpot', 'change', 'acme', '--notify', 'none', '--confirmation', 'automatic')
  assert.deepEqual(
    [changed.notification_url, changed.confirmation, changed.allowed_domains],
    [null, 'automatic', ['shop.example']],
  )
  assert.deepEqual(await done('jackpot', 'show', 'acme'), changed)
  await failed(2, /what to change/, 'jackpot', 'change', 'acme')
  await failed(1, /no domain/, 'jackpot', 'change', 'acme', '--domain', 'a b')
  assert.notEqual((await done('jackpot', 'secret', 'acme')).client_secret, made.client_secret)

  const values = ['--min', '5', '--max', '500', '--step', '5', '--code', 'jackpot=rio']
  await done(
    'brand',
    'create',
    '--slug',
    'rio',
    '--name',
    'Río',
    '--party',
    party,
    '--currency',
    'EUR',
    '--supply',
    'own',
    ...values,
  )
  const offer = await done('jackpot', 'offer', 'rio', '--kind', 'bonus', '--rate', '10', '--funder', 'operator')
  assert.deepEqual([offer.kind, offer.rate, offer.rounding, offer.funder], ['bonus', 10, 'minor', 'operator'])
  await failed(2, /--kind is/, 'jackpot', 'offer', 'rio', '--kind', 'gift', '--rate', '10')
  await failed(1, /nothing is sold for nothing/, 'jackpot', 'offer', 'rio', '--kind', 'discount', '--rate', '100')
  await done('jackpot', 'end-offer', 'rio', offer.id)
  const { items } = await done('jackpot', 'offers', 'rio')
  assert.deepEqual([items.length, items[0].ended_at === null], [1, false])
  assert.deepEqual((await done('jackpot', 'vouchers', 'acme')).items, [])
  await failed(2, /--accept or --reject/, 'jackpot', 'refund', party)
  await failed(1, /no such voucher/, 'jackpot', 'refund', party, '--accept')
  // What an operator adds to an offer may come out of an account that falls.
  await done('wallet', 'limit', 'revenue:rio:EUR', '--lower=-500')
})
