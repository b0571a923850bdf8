import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Bank, startBank } from '../../assurance/support/bank.ts'
import { type CardSale, startCardSale } from '../../assurance/support/cards.ts'
import { createCleanup } from '../../assurance/support/cleanup.ts'
import { fillUnderLoad, moveToDisk } from '../../assurance/support/full-disk.ts'
import { openPlace, type Place } from '../../assurance/support/place.ts'
import { makeSmallDisk, type SmallDisk } from '../../assurance/support/small-disk.ts'
import * as trouble from '../../assurance/support/trouble.ts'
import { verify } from '../../assurance/support/verify.ts'
import { startWatch, type Watch } from '../../assurance/support/watch.ts'
import { eventually } from '../support/eventually.ts'
import { createFullSandbox } from '../support/sandbox-template.ts'

// The long forms are assurance/*.ts; their figures stand in docs/assurance.md.

describe('two servers on one database, paying and selling cards all the while,', () => {
  const cleanup = createCleanup()
  let place: Place
  let ways: readonly trouble.Way[]
  let disk: SmallDisk | null
  let bank: Bank
  let cards: CardSale
  let watch: Watch

  before(async () => {
    const { db, drop, home } = await createFullSandbox()
    disk = await makeSmallDisk(96)
    if (disk) {
      cleanup.later(disk.remove)
      cleanup.later(await moveToDisk(db.connection, disk))
    }
    cleanup.later(drop)
    ways = [await trouble.openWay(db.connection), await trouble.openWay(db.connection)]
    for (const way of ways) cleanup.later(way.close)
    const connections = ways.map(({ connection }) => connection)
    place = await openPlace({ home, connection: db.connection, ways: connections })
    cleanup.later(place.stop)
    watch = startWatch(place.db)
    cards = await startCardSale(place, { buyers: 2, timeout: 3_000 })
    bank = startBank(place, { timeout: 3_000, pause: 10 })
  })
  after(() => cleanup.run())

  const decide = (server: number) =>
    eventually(() => bank.decides(server), { within: 90_000, every: 10, otherwise: () => trouble.lastWords(place) })

  test('go on when connections are cut at a COMMIT, are slow, or are refused', async () => {
    await trouble.cutAtCommits({ place, ways }, 'before-commit', 2)
    await trouble.cutAtCommits({ place, ways }, 'after-commit', 2)
    await trouble.spoilLines({ place, ways }, { late: 20 }, 150)
    await trouble.spoilLines({ place, ways }, 'refused', 150)
    await Promise.all([decide(0), decide(1)])
  })

  test('go on when PostgreSQL ends their statements, transactions and connections', async () => {
    await trouble.interruptLedgers({ place, ways }, 'cancel', 10)
    await trouble.interruptLedgers({ place, ways }, 'terminate', 2)
    await trouble.deadlock({ place, ways }, 1)
    await trouble.exhaustPools({ place, ways }, 200)
    await Promise.all([decide(0), decide(1)])
  })

  test('go on when one of them is killed', async () => {
    await place.servers[1]?.kill()
    await decide(0)
    await place.insist(1)
    await decide(1)
  })

  test('refuse what does not fit on a full disk, and go on when there is room', async (t) => {
    if (disk === null) return t.skip('nobody lets this account mount a file system')
    const { indefinite } = await fillUnderLoad(disk, bank, { full: 300 })
    assert.ok(indefinite > 0)
  })

  test('have lost and doubled nothing in the end, which is looked for by a check that would see it', async () => {
    await Promise.all([bank.finish(), cards.finish()])
    await watch.stop()
    const verdict = await verify(place, bank)
    assert.deepEqual({ ...verdict, wrong: verdict.wrong }, { ...verdict, lost: 0, doubled: 0, wrong: [] })
    assert.ok(verdict.paid > 100 && verdict.refused > 0 && verdict.conflicts > 0 && verdict.uncertain > 0)
    const sale = await cards.verify()
    assert.deepEqual([sale.lost, sale.doubled, sale.wrong], [0, 0, []])
    assert.ok(sale.sold > 0 && watch.snapshots > 0)
    assert.deepEqual(watch.broken, [])

    const wishes = [...bank.wishes]
    const paid = wishes.findIndex(([, { answers }]) => answers[0]?.status === 200)
    const forgotten = await verify(place, { ...bank, wishes: new Map(wishes.toSpliced(paid, 1)) })
    assert.deepEqual([forgotten.lost, forgotten.doubled], [0, 1])
    const [key, wish] = wishes[paid] as (typeof wishes)[number]
    const invented = new Map(bank.wishes).set('never-sent', { ...wish, key: `${key}-never-sent` })
    assert.ok((await verify(place, { ...bank, wishes: invented })).lost > 0)
  })
})
