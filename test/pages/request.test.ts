import assert from 'node:assert/strict'
import test from 'node:test'
import { negotiateLanguage } from '../../src/domain/language.ts'
import { createAddressReader } from '../../src/pages/address.ts'
import { describeDevice } from '../../src/pages/device.ts'
import { formatMoney, formatTime, timeText } from '../../src/pages/format.ts'
import { ownPath } from '../../src/pages/origin.ts'

test('the language is the one that the browser likes best of those there are', () => {
  const cases: [string | undefined, string][] = [
    [undefined, 'en'],
    ['', 'en'],
    ['fr', 'fr'],
    ['fr-CA, en;q=0.9', 'fr'],
    ['de, en;q=0.5, fr;q=0.8', 'fr'],
    ['FR;q=0.2, EN;q=0.3', 'en'],
    ['fr;q=0', 'en'],
    ['fr;q=x, en;q=0.1', 'en'],
    ['*', 'en'],
    [`${'de,'.repeat(10_000)}fr`, 'en'],
  ]
  for (const [header, language] of cases) assert.equal(negotiateLanguage(header), language, header?.slice(0, 40))
})

test('an address is that of the connection, or the last that trusted proxies did not write', () => {
  const read = createAddressReader(['10.0.0.0/8', '2001:db8::1'])
  const cases: [string | undefined, string | undefined, string][] = [
    ['192.0.2.1', undefined, '192.0.2.1'],
    ['192.0.2.1', '198.51.100.9', '192.0.2.1'],
    ['10.1.2.3', '198.51.100.9', '198.51.100.9'],
    ['::ffff:10.1.2.3', '198.51.100.9', '198.51.100.9'],
    ['10.1.2.3', '203.0.113.7, 198.51.100.9', '198.51.100.9'],
    ['10.1.2.3', '203.0.113.7, 198.51.100.9, 10.9.9.9', '198.51.100.9'],
    ['2001:db8::1', '203.0.113.7', '203.0.113.7'],
    ['10.1.2.3', undefined, '10.1.2.3'],
    ['10.1.2.3', 'unknown', '10.1.2.3'],
    ['10.1.2.3', '203.0.113.7, <script>', '10.1.2.3'],
    [undefined, '203.0.113.7', ''],
  ]
  for (const [remote, forwarded, address] of cases)
    assert.equal(read(remote, forwarded), address, `${remote} ${forwarded}`)
})

test('a path to go on with is one of ours', () => {
  for (const path of ['/', '/a/b?c=%2F%2Fd&e=//f', '/a#b', '/%5Cevil']) assert.equal(ownPath(path), path)
  for (const path of [
    undefined,
    null,
    '',
    'a',
    '//a',
    '/\\a',
    '/./\\a',
    'http://a/',
    '/a b',
    '/\u00e9',
    '/..//a',
    '/\ta',
  ]) {
    assert.equal(ownPath(path), null, String(path))
  }
})

test('a device is called what a person would call it', () => {
  const cases = [
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox · Linux'],
    ['Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0', 'Edge · Windows'],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1', 'Safari · iPhone'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) Version/19.0 Safari/605.1', 'Safari · macOS'],
    ['curl/8.0', ''],
    ['<script>alert(1)</script>', ''],
  ]
  for (const [agent, device] of cases) assert.equal(describeDevice(agent), device)
  assert.equal(describeDevice(undefined), '')
})

test('amounts are exact and say their currency', () => {
  const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ')
  const show = (minor: bigint, code: string, exponent: number, language: 'en' | 'fr' = 'en') =>
    plain(formatMoney(minor, { code, exponent }, language))
  assert.equal(show(123456n, 'USD', 2), 'USD 1,234.56')
  assert.equal(show(-5n, 'USD', 2), 'USD -0.05')
  assert.equal(show(7n, 'JPY', 0), 'JPY 7')
  assert.equal(show(1234567890123456789012n, 'KWD', 3), 'KWD 1,234,567,890,123,456,789.012')
  assert.equal(show(123456n, 'EUR', 2, 'fr'), '1 234,56 EUR')
  assert.equal(show(0n, 'PTS', 0), 'PTS 0')
})

test('moments are in UTC, for people and for programs', async () => {
  const date = new Date('2026-11-02T23:05:00Z')
  assert.equal(timeText(date, 'en'), '2 Nov 2026, 23:05')
  assert.equal(
    String(await formatTime(date, 'fr')).replace(/[\u00a0\u202f]/g, ' '),
    '<time datetime="2026-11-02T23:05:00.000Z">2 nov. 2026, 23:05 UTC</time>',
  )
})
