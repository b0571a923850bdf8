import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { audit } from '../../src/ledger/audit.ts'
import { setCardBlocked } from '../../src/operations/gift-cards/block-card.ts'
import { expireCards } from '../../src/operations/gift-cards/expire-cards.ts'
import { captureCardHold, holdOnCard } from '../../src/operations/gift-cards/hold-on-card.ts'
import { placeOrder } from '../../src/operations/gift-cards/place-order.ts'
import { redeemCard } from '../../src/operations/gift-cards/redeem-card.ts'
import { refundToCard } from '../../src/operations/gift-cards/refund-to-card.ts'
import { topUpCard } from '../../src/operations/gift-cards/top-up-card.ts'
import { openWallet } from '../../src/operations/open-wallet.ts'
import {
  type CardHold,
  findCardHold,
  findOwnCard,
  findRedemption,
  type Redemption,
} from '../../src/storage/card-use.ts'
import { findWalletById, type Wallet } from '../../src/storage/wallets.ts'
import { createGiftWorld, type GiftWorld } from '../support/gift-world.ts'

type Row = Record<string, string | null>

const KEYS = {
  card_hold: 'id',
  card_redemption: 'id',
  card_refund: 'id',
  card_top_up: 'id',
  card_end: 'card_id',
} as const
/** What moves no money and is told nowhere else: until when the card was valid, and what was the most that it could hold. */
const FREE = ['valid_until', 'max_balance']

const OTHER = '00000000-0000-4000-8000-000000000000'

/** Another value of the column's type, as SQL. */
const CHANGES: Record<string, (column: string) => string> = {
  bigint: (column) => `coalesce(${column}, 0) + 1`,
  text: (column) =>
    column === 'how' ? `case how when 'expired' then 'cancelled' else 'expired' end` : `concat(${column}, 'x')`,
  uuid: () => `'${OTHER}'`,
  'timestamp with time zone': (column) => `${column} - interval '1 millisecond'`,
}

// What changes of single columns are told as, by the table of the row that is named.
const SAID = [
  'card: its status and its end do not agree',
  'card_end: its amount is not what its transaction took from the card',
  'card_end: its card does not exist',
  'card_end: its transaction does not close the account',
  'card_end: its transaction does not end it so',
  'card_end: its transaction does not exist, or was at another moment',
  'card_hold: card, description: not what its transaction says',
  'card_hold: card: not what its transaction says',
  'card_hold: description: not what its transaction says',
  'card_hold: its transaction does not open it',
  'card_hold: its wallet is not its party’s',
  'card_hold: the ledger holds something else',
  'card_hold: what this transaction held of a card does not exist',
  'card_redemption: card, description: not what its transaction says',
  'card_redemption: card: not what its transaction says',
  'card_redemption: description: not what its transaction says',
  'card_redemption: it does not capture its hold',
  'card_redemption: it left another balance on the card',
  'card_redemption: its moment or who asked is not what its transaction says',
  'card_redemption: its transaction does not exist',
  'card_redemption: its transaction does not move this',
  'card_redemption: its wallet is not its party’s',
  'card_redemption: what this transaction did to a card does not exist',
  'card_redemption: what was given back is not the sum of its refunds',
  'card_refund: it left another balance on the card',
  'card_refund: its moment or who asked is not what its transaction says',
  'card_refund: its transaction does not exist',
  'card_refund: its transaction does not move this',
  'card_refund: transaction: not what its transaction says',
  'card_refund: what this transaction did to a card does not exist',
  'card_top_up: card: not what its transaction says',
  'card_top_up: it left another balance on the card',
  'card_top_up: its moment or who asked is not what its transaction says',
  'card_top_up: its transaction does not exist',
  'card_top_up: its transaction does not move this',
  'card_top_up: its wallet is not its party’s',
  'card_top_up: what this transaction did to a card does not exist',
].sort()

describe('an audit holds gift cards against the ledger', () => {
  let world: GiftWorld
  let cards: string[]
  const findings = async () => (await audit(world.db, { journalKey: Buffer.alloc(32, 3) })).findings

  /** Changes something, looks what the audit finds, and puts it back. */
  async function tamper(text: string, back: string, values: unknown[] = []): Promise<string[]> {
    await world.db.query(text, values)
    const found = await findings()
    await world.db.query(back, values)
    return found.map(({ check, table, row, message }) => `${check} ${table} ${row}: ${message}`)
  }

  before(async () => {
    world = await createGiftWorld()
    const { deps } = world
    const brand = await world.brand({ slug: 'audited', validityDays: 30 })
    const opened = await openWallet(deps, 'test', { id: 'shop:till:EUR', partyId: world.party.id })
    const wallet = (await findWalletById(world.db, opened.id)) as Wallet
    let keys = 0
    const ask = () => ({ actor: 'person:shop', key: `key-${keys++}` })
    const sell = async () => {
      const placed = await placeOrder(deps, world.wish(brand, 5000n, `sale-${keys++}`))
      assert.ok('card' in placed && placed.card)
      return placed.card.row.id
    }
    const card = async (id: string) => {
      const found = await findOwnCard(world.db, { id })
      assert.ok(found)
      return found
    }
    cards = [await sell(), await sell(), await sell()]
    const [used = '', expired = '', blocked = ''] = cards
    const redeem = async () => {
      const result = await redeemCard(deps, { ...ask(), card: await card(used), wallet, amount: 1000n, note: 'Lamp' })
      assert.ok(result.accepted)
      return (await findRedemption(world.db, result.reference, wallet.partyId)) as Redemption
    }
    await redeem()
    await refundToCard(deps, { ...ask(), redemption: await redeem(), amount: 300n })
    const hold = async () => {
      const held = await holdOnCard(deps, {
        ...ask(),
        card: await card(used),
        wallet,
        amount: 500n,
        seconds: 600,
        note: 'Table 4',
      })
      return (await findCardHold(world.db, held.hold, wallet.partyId)) as CardHold
    }
    await hold()
    await captureCardHold(deps, { ...ask(), hold: await hold(), amount: 400n })
    await topUpCard(deps, { ...ask(), card: await card(used), wallet, amount: 100n })
    await setCardBlocked(deps, 'test', { cardId: blocked, to: 'blocked', reason: null })
    await world.db.query("update card set expires_at = clock_timestamp() - interval '1 second' where id = $1", [
      expired,
    ])
    assert.equal(await expireCards(deps), 1)
  })
  after(() => world.stop())

  test('what nobody touched, and finds nothing', async () => {
    assert.deepEqual(await findings(), [])
  })

  test('every column of what was done to cards, and locates the row', async () => {
    const columns = await world.db.query<{ table: keyof typeof KEYS; column: string; type: string }>(
      `select table_name as table, column_name as column, data_type as type from information_schema.columns
       where table_schema = 'public' and table_name = any($1) order by table_name, ordinal_position`,
      [Object.keys(KEYS)],
    )
    const said = new Set<string>()
    for (const { table, column, type } of columns) {
      if (FREE.includes(column)) continue
      const key = KEYS[table]
      const [row] = await world.db.query<Row>(
        `select ${key}::text as id, ${column}::text as value from ${table} order by ${column} is null, ${key} limit 1`,
      )
      assert.ok(row, table)
      // Rows that another row's key leads to are found there, too.
      const found = await tamper(
        `update ${table} set ${column} = ${CHANGES[type]?.(column)} where ${key} = '${row.id}'`,
        `update ${table} set ${column} = ${row.value === null ? 'null' : `'${row.value}'::${type}`}
         where ${key} = '${column === key ? OTHER : row.id}'`,
      )
      const named = [row.id, OTHER].map((id) => `gift-cards ${table} ${key}=${id}`)
      assert.ok(
        found.some((line) => named.some((name) => line.startsWith(name))),
        `${table}.${column}: ${found.join('\n')}`,
      )
      for (const [, of, words = ''] of found.map((line) => /^gift-cards (\w+) [^:]*: (.*)$/.exec(line) ?? []))
        for (const says of words.split('; ')) said.add(`${of}: ${says}`)
    }
    assert.deepEqual([...said].sort(), SAID)
    assert.deepEqual(await findings(), [])
  })

  test('every row that is gone, and every one that was made up', async () => {
    for (const [table, key] of Object.entries(KEYS)) {
      const [row] = await world.db.query<Row>(`select ${key}::text as id from ${table} limit 1`)
      await world.db.query(`create table kept as select * from ${table} where ${key} = '${row?.id}'`)
      const gone = await tamper(
        `delete from ${table} where ${key} = '${row?.id}'`,
        `insert into ${table} select * from kept`,
      )
      assert.ok(
        gone.some((line) => line.includes(row?.id as string)),
        `${table}: ${gone.join('\n')}`,
      )
      const hold = table === 'card_redemption' ? ', hold_id = null' : ''
      await world.db.query(`update kept set ${key} = '${OTHER}'${hold}`)
      const made = await tamper(
        `insert into ${table} select * from kept`,
        `delete from ${table} where ${key} = '${OTHER}'`,
      )
      assert.ok(
        made.some((line) => line.includes(OTHER)),
        `${table}: ${made.join('\n')}`,
      )
      await world.db.query('drop table kept')
    }
    assert.deepEqual(await findings(), [])
  })

  test('a card whose value, account or status is not what its account says, or that is gone with money in it', async () => {
    const [used = '', expired = '', blocked = ''] = cards
    const set = (id: string, change: string, back: string) =>
      tamper(`update card set ${change} where id = '${id}'`, `update card set ${back} where id = '${id}'`)
    const of = (id: string) => `gift-cards card id=${id}`
    for (const [id, change, back, says] of [
      [used, 'face = face + 1', 'face = face - 1', 'it was not issued with its value'],
      [
        used,
        `status = 'ended'`,
        `status = 'active'`,
        'its status and its end do not agree; it has ended, and there is money in its account; its status is not that of its account',
      ],
      [used, `status = 'blocked'`, `status = 'active'`, 'its status is not that of its account'],
      [
        expired,
        `status = 'active'`,
        `status = 'ended'`,
        'its status and its end do not agree; its status is not that of its account',
      ],
      [blocked, `status = 'active'`, `status = 'blocked'`, 'its status is not that of its account'],
      [used, 'account_id = -account_id', 'account_id = -account_id', 'its account does not exist'],
    ] as const) {
      const found = await set(id, change, back)
      assert.deepEqual(
        found.filter((line) => line.startsWith(of(id))),
        [`${of(id)}: ${says}`],
        change,
      )
    }
    const [row] = await world.db.query<{ account_id: bigint }>('select account_id from card where id = $1', [used])
    await world.db.query(`create table kept as select * from card where id = '${used}'`)
    const gone = await tamper(`delete from card where id = '${used}'`, 'insert into card select * from kept')
    assert.ok(
      gone.includes(`gift-cards account id=${row?.account_id}: it was opened for a card that does not exist`),
      gone.join('\n'),
    )
    await world.db.query('drop table kept')
  })

  test('a payload that is no JSON any more, without failing itself', async () => {
    const found = await tamper(
      `update transaction set payload = 'x' || payload where kind = 'card-redemption'`,
      `update transaction set payload = substr(payload, 2) where kind = 'card-redemption'`,
    )
    assert.ok(found.some((line) => line.startsWith('gift-cards card_redemption')))
    assert.deepEqual(await findings(), [])
  })
})
