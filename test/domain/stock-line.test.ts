import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { maskCode, readStockHeader, readStockLine, type StockHeader } from '../../src/domain/stock-line.ts'

const rules = {
  values: { type: 'fixed', values: [500n, 1000n, 2550n] },
  exponent: 2,
  today: '2026-06-15',
} as const

const headerOf = (line: string): StockHeader => {
  const header = readStockHeader(line)
  assert.ok(!('malformed' in header), JSON.stringify(header))
  return header
}
const all = headerOf('code,pin,value,expires_on,serial,url')
const wrong = (line: string, header = all) => {
  const read = readStockLine(line, header, rules)
  return 'malformed' in read ? read.malformed : 'fine'
}

describe('a line of an upload', () => {
  test('has its fields where the header row says, whatever stands between them', () => {
    const expected = { code: 'AB-12', pin: '0042', url: null, serial: null, face: 2550n, expiresOn: '2026-06-16' }
    for (const [header, line] of [
      ['code,pin,value,expires_on', 'AB-12,0042,25.50,2026-06-16'],
      ['Expires_On;VALUE;code;pin', '2026-06-16;25.5;AB-12;0042'],
      ['value\tcode\tpin\texpires_on', '25.50\tAB-12\t0042\t2026-06-16'],
      ['"value","code",pin,expires_on', '25.50," AB-12 ","0042",2026-06-16'],
    ] as const)
      assert.deepEqual(readStockLine(line, headerOf(header), rules), expected, header)
  })

  test('may hold quotes and separators between quotes', () => {
    const read = readStockLine('"A,B ""C""",,5,,,', all, rules)
    assert.equal('code' in read && read.code, 'A,B "C"')
  })

  test('may have an address instead of a code', () => {
    const read = readStockLine(',,10,,,https://cards.example/x?y=1', all, rules)
    assert.deepEqual(['code' in read && read.code, 'url' in read && read.url], ['', 'https://cards.example/x?y=1'])
    const long = `https://cards.example/${'x'.repeat(1_978)}`
    const quoted = readStockLine(`,"00""42",10,,"S 1","${long}"`, all, rules)
    const expected = { code: '', pin: '00"42', url: long, serial: 'S 1', face: 1000n, expiresOn: null }
    assert.deepEqual(quoted, expected)
  })

  test('is refused for what is wrong with it, and nothing of it is repeated', () => {
    for (const [line, why] of [
      ['SECRET,,5', /3 fields/],
      ['SECRET,,5,,,,', /7 fields/],
      [',,5,,,', /neither a code nor a url/],
      ['SECRÉT,,5,,,', /^the code/],
      ['SECRET\u0007,,5,,,', /^the code/],
      [`${'S'.repeat(111)},,5,,,`, /^the code/],
      [`SECRET,${'S'.repeat(65)},5,,,`, /^the pin/],
      ['SECRET,,,,,', /^the value is no amount/],
      ['SECRET,,-5,,,', /^the value is no amount/],
      ['SECRET,,0,,,', /^the value is no amount/],
      ['SECRET,,5.001,,,', /^the value is no amount/],
      ['SECRET,,5e0,,,', /^the value is no amount/],
      ['SECRET,,１０,,,', /^the value is no amount/],
      ['SECRET,,99999999999999999999,,,', /^the value is no amount/],
      ['SECRET,,7,,,', /^the brand does not sell 7\.00$/],
      ['SECRET,,5,31.12.2026,,', /^expires_on is no day/],
      ['SECRET,,5,2026-02-30,,', /^expires_on is no day/],
      ['SECRET,,5,2026-07,,', /^expires_on is no day/],
      ['SECRET,,5,2026-06-31,,', /^expires_on is no day/],
      ['SECRET,,5,2026-06-15,,', /^the code has expired$/],
      [`SECRET,,5,,${'S'.repeat(65)},`, /^the serial/],
      [`SECRET,,5,,,https://cards.example/${'x'.repeat(1_979)}`, /^the url is no https/],
      ['SECRET,,5,,,https://cards.example/a b', /^the url is no https/],
      ['SECRET,,5,,,https://cards.example/é', /^the url is no https/],
      ['SECRET,,5,,,http://cards.example/', /^the url is no https/],
      ['SECRET,,5,,,cards.example/x', /^the url is no https/],
      ['SECRET,,5,,,javascript:alert(1)', /^the url is no https/],
      ['"SECRET,,5,,,', /quote/],
      ['SE"CRET,,5,,,', /quote/],
      ['"SECRET"x,,5,,,', /quote/],
    ] as const) {
      assert.match(wrong(line), why, line)
      assert.doesNotMatch(wrong(line), /SECR|javascript|cards\.example/)
    }
  })

  test('needs a header row that can be understood', () => {
    for (const [line, why] of [
      ['code,value,amount', /none of code, pin, value/],
      ['code,value,code', /twice/],
      ['code,pin', /no column value/],
      ['pin,value', /neither a column code nor a column url/],
      ['"code,value', /quote/],
      ['ABCD-1234,25.00', /none of code, pin, value/],
    ] as const) {
      const header = readStockHeader(line)
      assert.match('malformed' in header ? header.malformed : 'fine', why, line)
    }
  })
})

test('a mask shows no more than a quarter of a code', () => {
  assert.deepEqual(['', '123', '1234', '12345678', '1234567890123456', '12345678901234567890'].map(maskCode), [
    '••••',
    '••••',
    '••••4',
    '••••78',
    '••••3456',
    '••••7890',
  ])
})
