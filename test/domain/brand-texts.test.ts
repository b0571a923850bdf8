import assert from 'node:assert/strict'
import test from 'node:test'
import { brandTexts } from '../../src/domain/brand-texts.ts'

test('a brand says under either name how a card is used and on what terms', () => {
  assert.deepEqual(brandTexts({ how_to_use: ' At the till ', terms: 'No cash' }, 'en'), {
    use: 'At the till',
    terms: 'No cash',
  })
  assert.deepEqual(
    brandTexts(
      { how_to_use_offline: 'Here', how_to_use_online: 'There', term_of_use: 'One', terms_of_use: 'Two' },
      'en',
    ),
    { use: 'Here\nThere', terms: 'One\nTwo' },
  )
  assert.equal(brandTexts({ how_to_use: 'A', how_to_use_online: 'B' }, 'en').use, 'A')
  assert.equal(brandTexts({ how_to_use_online: 'B' }, 'en').use, 'B')
  assert.equal(brandTexts({ terms: 'A', terms_of_use: 'B' }, 'en').terms, 'A')
})

test('a text in several languages is told in the reader’s, or else in English', () => {
  const texts = { how_to_use: { en: ' Use it ', fr: ' Utilisez ' }, terms: { en: 'Terms' } }
  assert.deepEqual(brandTexts(texts, 'fr'), { use: 'Utilisez', terms: 'Terms' })
  assert.deepEqual(brandTexts(texts, 'en'), { use: 'Use it', terms: 'Terms' })
})

test('what is no text says nothing', () => {
  for (const value of [undefined, null, 1, true, [], {}, { fr: 1 }, { de: 'Nur hier' }, '  ']) {
    assert.deepEqual(brandTexts({ how_to_use: value, terms: value }, 'fr'), { use: '', terms: '' })
  }
})
