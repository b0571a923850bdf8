import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fundingLimitOf, parseFundingLimit, STANDARD_FUNDING_LIMIT } from '../../src/domain/funding-limit.ts'

const eur = { code: 'EUR', exponent: 2 }
const yen = { code: 'JPY', exponent: 0 }

describe('the limit of what is moved by hand', () => {
  test('is read as one amount, and others for some currencies', () => {
    assert.deepEqual(parseFundingLimit('1000'), { standard: '1000', byCurrency: {} })
    assert.deepEqual(parseFundingLimit(' 250.50 , JPY=150000 , C0P2=0.12345678'), {
      standard: '250.50',
      byCurrency: { JPY: '150000', C0P2: '0.12345678' },
    })
    assert.deepEqual(parseFundingLimit('123456789012,AB=1,ABCDEFGHIJKL=2').byCurrency, { AB: '1', ABCDEFGHIJKL: '2' })
    assert.deepEqual(STANDARD_FUNDING_LIMIT, parseFundingLimit('1000'))
  })

  test('must begin with an amount', () => {
    for (const text of [
      '',
      ',EUR=1',
      'EUR=1',
      '-1',
      '1.',
      '.5',
      '1e3',
      '1 0',
      '1234567890123',
      '1.123456789',
      'x1',
      '1x',
    ]) {
      assert.throws(() => parseFundingLimit(text), /must begin with an amount/, text)
    }
  })

  test('has nothing beside it but currencies with their amounts', () => {
    for (const part of [
      '',
      'EUR',
      'EUR=',
      '=1',
      'eur=1',
      'E=1',
      'ABCDEFGHIJKLM=1',
      'EUR=1=2',
      'EUR=x',
      'EUR=1x',
      'xEUR=1',
      'EURx=1',
    ]) {
      assert.throws(() => parseFundingLimit(`1000,${part}`), { message: `${part} is not of the form EUR=1000` })
    }
  })

  test('is in minor units of the currency, and what is finer is cut off', () => {
    const limit = parseFundingLimit('1000.129,JPY=150000.9,BHD=1.5')
    assert.equal(fundingLimitOf(limit, eur), 100_012n)
    assert.equal(fundingLimitOf(limit, yen), 150_000n)
    assert.equal(fundingLimitOf(limit, { code: 'BHD', exponent: 3 }), 1_500n)
    assert.equal(fundingLimitOf(limit, { code: 'toString', exponent: 1 }), 10_001n)
    assert.equal(fundingLimitOf(STANDARD_FUNDING_LIMIT, eur), 100_000n)
  })
})
