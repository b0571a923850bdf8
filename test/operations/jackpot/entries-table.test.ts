import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { formatAmount } from '../../../src/domain/money.ts'
import { fulfilOpenOrders } from '../../../src/operations/gift-cards/fulfil-order.ts'
import { cancelVoucher } from '../../../src/operations/jackpot/cancel-voucher.ts'
import { confirmVoucher } from '../../../src/operations/jackpot/confirm-voucher.ts'
import { refundVoucher } from '../../../src/operations/jackpot/refund-voucher.ts'
import type { Brand } from '../../../src/storage/brands.ts'
import { createJackpotWorld, type JackpotWorld } from './world.ts'

const document = readFileSync(new URL('../../../docs/jackpot.md', import.meta.url), 'utf8')
const table = /<!-- entries -->\n([\s\S]+?)\n<!-- \/entries -->/.exec(document)?.[1] ?? ''

let world: JackpotWorld
before(async () => {
  world = await createJackpotWorld()
})
after(() => world.assertClean().finally(world.stop))

test('what stands in docs/jackpot.md of who pays whom is what the ledger writes', async () => {
  const rows: string[] = []
  const { deps } = world
  const ask = (voucherId: string) => ({ voucherId, partner: world.partner })

  /** Does something, and writes down what moved; where nothing did, what is said of it. */
  async function does<T>(what: string, brand: Brand, work: () => Promise<T>, idle?: () => Promise<string>): Promise<T> {
    const [last] = await world.db.query<{ id: bigint }>('select coalesce(max(seq), 0) as id from journal')
    const result = await work()
    const moved = await world.db.query<{ source: bigint; target: bigint; amount: bigint }>(
      `select x.source, x.target, x.amount from transfer x join transaction t on t.id = x.transaction_id
       where t.seq > $1 order by t.seq, x.leg`,
      [last?.id],
    )
    const names = new Map([
      [world.float.id, 'float'],
      [brand.settlement, 'settlement'],
      [brand.revenue, 'revenue'],
    ])
    const name = (id: bigint) => names.get(id) ?? 'card'
    const entries = moved.map((it) => `${name(it.source)} → ${name(it.target)} ${formatAmount(it.amount, 2)}`)
    rows.push(`| ${what} | ${entries.length > 0 ? entries.join(', ') : `nothing moves: ${await idle?.()}`} |`)
    return result
  }
  const held = async (account: bigint) => (await world.balance(account)).held
  const ofFloat = async () => `${formatAmount(await held(world.float.id), 2)} of the float is held`
  const free = async () => {
    assert.equal(await held(world.float.id), 0n)
    return 'the float is free again'
  }

  const plain = await world.store('plain')
  const first = await does('110.00 reserved for 100.00', plain.brand, () => world.reserve(plain), ofFloat)
  const carried = 'confirmed, the brand carries the bonus'
  await does(carried, plain.brand, () => confirmVoucher(deps, ask(first.id)))
  await does('refunded', plain.brand, () => refundVoucher(deps, ask(first.id)))
  const both = async () => cancelVoucher(deps, ask((await world.reserve(plain)).id))
  await does('reserved and cancelled', plain.brand, both, free)

  const added = await world.store('added', { funder: 'operator' }, { discountBp: 500 })
  await world.fund(added.brand.revenue, 1_000n)
  const ofBoth = async () => `${await ofFloat()}, ${formatAmount(await held(added.brand.revenue), 2)} of the revenue`
  const second = await does('reserved, the operator adds to it', added.brand, () => world.reserve(added), ofBoth)
  await does('confirmed, the brand gives 5 %, the operator adds the rest of the bonus', added.brand, () =>
    confirmVoucher(deps, ask(second.id)),
  )
  await does('refunded, the operator gets it back', added.brand, () => refundVoucher(deps, ask(second.id)))

  const kept = await world.store('kept', { funder: 'operator', kind: 'discount', rate: '4' }, { discountBp: 1000 })
  const third = await world.reserve(kept, 9_600n)
  await does('confirmed with a discount of 4 %, the brand gives 10 %, the operator keeps the rest', kept.brand, () =>
    confirmVoucher(deps, ask(third.id)),
  )

  const far = await world.store('far', {}, { supply: 'upstream', upstream: {} })
  const fourth = await world.reserve(far)
  await does('confirmed, bought elsewhere', far.brand, () => confirmVoucher(deps, ask(fourth.id)))
  const theirs = { status: 'card' as const, secrets: { code: 'THEIRS', pin: null } }
  const nothing = async () => {
    await free()
    return 'nothing is held'
  }
  await does('supplied', far.brand, () => fulfilOpenOrders(deps, async () => theirs), nothing)
  const fifth = await world.reserve(far)
  await confirmVoucher(deps, ask(fifth.id))
  await does('not supplied after all', far.brand, () =>
    fulfilOpenOrders(deps, async () => ({ status: 'failed', error: 'none' })),
  )
  assert.deepEqual(rows, table.split('\n').slice(2))
})
