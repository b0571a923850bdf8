import assert from 'node:assert/strict'
import test from 'node:test'
import { EVENT_TYPES, isTopic, wants, wantsWallets } from '../../src/domain/event-types.ts'

test('a topic is a type, all of a family, or everything', () => {
  for (const topic of ['*', 'card.*', 'stock.*', ...Object.keys(EVENT_TYPES)]) assert.ok(isTopic(topic), topic)
  for (const text of ['', 'card', 'card.', 'cards.*', '*.issued', 'card.issued.*', 'toString', 'card.none', '**']) {
    assert.equal(isTopic(text), false, text)
  }
})

test('a list of topics wants what any of them names', () => {
  assert.ok(wants(['*'], 'card.issued'))
  assert.ok(wants(['stock.low', 'card.*'], 'card.issued'))
  assert.ok(wants(['stock.low', 'card.issued'], 'card.issued'))
  for (const topics of [[], ['card.redeemed'], ['card'], ['wallet.*'], ['c.*']]) {
    assert.equal(wants(topics, 'card.issued'), false)
  }
})

test('wallets are meant by everything and by what begins with them', () => {
  for (const topics of [['*'], ['card.*', 'wallet.*'], ['wallet.opened']]) assert.ok(wantsWallets(topics))
  for (const topics of [[], ['card.*'], ['wallets'], ['order.wallet.x']]) assert.equal(wantsWallets(topics), false)
})
