import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { defineMessages, isLanguage, LANGUAGES, negotiateLanguage } from '../../src/domain/language.ts'

describe('the language of a reader', () => {
  test('is the one of ours that the browser likes best', () => {
    const wishes: [string | undefined, string][] = [
      [undefined, 'en'],
      ['', 'en'],
      ['fr', 'fr'],
      ['fr-CA', 'fr'],
      ['FR-ca', 'fr'],
      ['de, fr', 'fr'],
      ['de', 'en'],
      ['fr, en', 'fr'],
      ['en, fr', 'en'],
      ['en;q=0.5, fr;q=0.8', 'fr'],
      ['en ; q=0.5 , fr ; q=0.4', 'en'],
      ['en;level=1;q=0.2, fr;q=0.3', 'fr'],
      ['fr;q=0', 'en'],
      ['fr;q=word', 'en'],
      ['fr;v=1, en', 'fr'],
      ['fr;Q=0.9, en;q=0.8', 'fr'],
      ['frisian', 'en'],
      ['*', 'en'],
    ]
    for (const [header, language] of wishes) assert.equal(negotiateLanguage(header), language, String(header))
  })

  test('is looked for in the first 500 signs of a header only', () => {
    assert.equal(negotiateLanguage(`${'de,'.repeat(166)}fr`), 'fr')
    assert.equal(negotiateLanguage(`${'de,'.repeat(167)}fr`), 'en')
  })

  test('is one of two', () => {
    assert.deepEqual(LANGUAGES, ['en', 'fr'])
    assert.deepEqual(['en', 'fr', 'de', '', 1, null, undefined].map(isLanguage), [true, true, ...Array(5).fill(false)])
  })
})

describe('messages', () => {
  const say = defineMessages({
    en: { greet: 'Hello {name}, {name} and {other_1}', plain: 'Yes' },
    fr: { greet: 'Bonjour {name}', plain: 'Oui' },
  })

  test('are told in the language, with every value in its place', () => {
    assert.equal(say('en', 'greet', { name: 'Ann', other_1: 2 }), 'Hello Ann, Ann and 2')
    assert.equal(say('fr', 'greet', { name: 'Ann' }), 'Bonjour Ann')
    assert.equal(say('fr', 'plain'), 'Oui')
  })

  test('keep a name that has no value, even one that every object has', () => {
    const inherited = defineMessages({ en: { x: '{toString} {a}' }, fr: { x: '' } })
    assert.equal(inherited('en', 'x', {}), '{toString} {a}')
    assert.equal(say('en', 'greet'), 'Hello {name}, {name} and {other_1}')
  })
})
