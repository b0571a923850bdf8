import assert from 'node:assert/strict'
import test from 'node:test'
import { AssetError, defineAsset } from '../../src/domain/asset.ts'
import { isoCodes, isoExponent } from '../../src/domain/iso-4217.ts'

test('currencies have the decimals of ISO 4217, not those of everyday prices', () => {
  const cases = { COP: 2, HUF: 2, IDR: 2, MGA: 2, MRU: 2, USD: 2, JPY: 0, KRW: 0, VND: 0, CLP: 0, UYI: 0, ISK: 0 }
  for (const [code, exponent] of Object.entries(cases)) assert.equal(isoExponent(code), exponent, code)
  for (const code of ['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND']) assert.equal(isoExponent(code), 3, code)
  for (const code of ['CLF', 'UYW']) assert.equal(isoExponent(code), 4, code)
})

test('the table is that of 2026', () => {
  for (const code of ['XCG', 'XAD', 'ZWG', 'SLE', 'VED', 'VES', 'MRU', 'STN', 'EUR'])
    assert.notEqual(isoExponent(code), undefined)
  const gone = ['ANG', 'BGN', 'HRK', 'CUC', 'SLL', 'ZWL', 'MRO', 'STD', 'VEF', 'BYR', 'LTL']
  const withoutUnits = ['XAU', 'XAG', 'XPT', 'XPD', 'XDR', 'XSU', 'XUA', 'XBA', 'XTS', 'XXX']
  for (const code of [...gone, ...withoutUnits, 'usd', 'PTS', '']) assert.equal(isoExponent(code), undefined, code)
})

test('every code is three capitals and stands once', () => {
  const codes = isoCodes()
  assert.equal(codes.length, 165)
  assert.equal(new Set(codes).size, codes.length)
  for (const code of codes) assert.match(code, /^[A-Z]{3}$/)
})

test('every code is one that the platform can name, or newer than its data (a check against misprints)', () => {
  const platform = new Intl.DisplayNames('en', { type: 'currency' })
  const unknown = isoCodes().filter((code) => platform.of(code) === code)
  assert.deepEqual(
    unknown.filter((code) => !['XAD', 'XCG', 'ZWG', 'SLE', 'VED'].includes(code)),
    [],
  )
})

test('an asset of an ISO code takes the decimals of the standard, another one needs its own', () => {
  assert.deepEqual(defineAsset('KWD', 'main'), { code: 'KWD', circle: 'main', exponent: 3 })
  assert.deepEqual(defineAsset('PTS', 'club', 0), { code: 'PTS', circle: 'club', exponent: 0 })
  const refused: [string, string, number | undefined, string][] = [
    ['KWD', 'main', 2, 'asset-exponent-invalid'],
    ['PTS', 'club', undefined, 'asset-exponent-invalid'],
    ['PTS', 'club', 9, 'asset-exponent-invalid'],
    ['PTS', 'club', 0.5, 'asset-exponent-invalid'],
    ['pts', 'club', 0, 'asset-code-malformed'],
    ['P', 'club', 0, 'asset-code-malformed'],
    ['PTS', 'Club', 0, 'asset-circle-malformed'],
    ['PTS', '', 0, 'asset-circle-malformed'],
  ]
  for (const [code, circle, exponent, reason] of refused) {
    assert.throws(
      () => defineAsset(code, circle, exponent),
      (error) => error instanceof AssetError && error.code === reason,
    )
  }
})
