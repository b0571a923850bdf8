import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type BrandFilter, searchBrands } from '../../src/storage/brands.ts'
import { createGiftWorld, type GiftWorld } from '../support/gift-world.ts'

let world: GiftWorld

const NAMES = {
  'cafe-rio': 'Café Río',
  'corner-cafe': 'Corner Coffee & Cake',
  'corner-shop': 'The Corner.example',
  macs: "Mac's 24/7",
  rio: 'RIO',
}

before(async () => {
  world = await createGiftWorld()
  for (const [slug, name] of Object.entries(NAMES)) await world.brand({ slug, name })
  await world.db.query(`update brand set status = 'paused' where slug = 'rio'`)
})

after(async () => {
  await world.stop()
})

const found = async (filter: BrandFilter, page: { after?: string; limit?: number; most?: number } = {}) =>
  (await searchBrands(world.db, filter, { limit: 50, ...page })).brands.map(({ slug }) => slug)

test('a brand is found by the beginnings of words of its name and short name, in any case and order, all of which must be there', async () => {
  const cases: [search: string, slugs: string[]][] = [
    ['café', ['cafe-rio']],
    ['CAF', ['cafe-rio', 'corner-cafe']],
    ['corner', ['corner-cafe', 'corner-shop']],
    ['cake cor', ['corner-cafe']],
    ['corner-ca', ['corner-cafe']],
    ['example', ['corner-shop']],
    ["mac's", ['macs']],
    ['24', ['macs']],
    ['rio', ['cafe-rio', 'rio']],
    ['orner', []],
    ['corner nowhere', []],
    ['&', []],
    [`' | 'x':*`, []],
    ['\\', []],
  ]
  for (const [search, slugs] of cases)
    for (const most of [undefined, 5_000])
      assert.deepEqual(await found({ search }, most === undefined ? {} : { most }), slugs, search)
  assert.deepEqual(await found({ search: 'rio', status: 'paused' }, { most: 5_000 }), ['rio'])
})

test('pages of a search go on after the last short name seen', async () => {
  assert.deepEqual(await found({ search: 'c' }, { limit: 2 }), ['cafe-rio', 'corner-cafe'])
  for (const most of [3, 5_000])
    assert.deepEqual(await found({ search: 'c' }, { limit: 2, most, after: 'corner-cafe' }), ['corner-shop'])
})

test('a search looks for so many and no more, and says so', async () => {
  const cut = await searchBrands(world.db, { search: 'c' }, { limit: 50, most: 2 })
  assert.deepEqual([cut.brands.length, cut.cut], [2, true])
  assert.equal((await searchBrands(world.db, { search: 'c' }, { limit: 50, most: 5 })).cut, false)
})
