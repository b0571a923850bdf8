import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { ConfigError, readConfig } from '../../src/config.ts'
import { parseRateLimits, RATE_LIMITS, rateLimitOf } from '../../src/domain/rate-limits.ts'

test('limits are read by name; what is not named is as the table says', () => {
  const settings = parseRateLimits('webwallet=120000, failures=off')
  assert.deepEqual(settings, { webwallet: 120_000, failures: null })
  assert.deepEqual(
    [rateLimitOf(settings, 'webwallet'), rateLimitOf(settings, 'failures'), rateLimitOf(settings, 'admin')],
    [120_000, null, RATE_LIMITS.admin.most],
  )
  assert.equal(rateLimitOf(undefined, 'webwallet'), null)
})

test('what is no limit stops the start, with the reason', () => {
  for (const text of ['walleo', 'walleo=0', 'walleo=1e3', 'walleo=5=6', 'tillo=5', 'walleo=5,', 'toString=5'])
    assert.throws(() => readConfig({ BILLFOLD_RATE_LIMITS: text }), ConfigError, text)
  assert.deepEqual(readConfig({ BILLFOLD_RATE_LIMITS: 'walleo=5' }).config.rateLimits, { walleo: 5 })
  assert.equal('rateLimits' in readConfig({}).config, false)
})

test('docs/operating.md has the limits that there are', async () => {
  const text = await readFile('docs/operating.md', 'utf8')
  const table = /<!-- rate limits -->\n([\s\S]+?)\n<!-- \/rate limits -->/.exec(text)?.[1]?.split('\n').slice(2)
  const rows = Object.entries(RATE_LIMITS).map(
    ([name, { most, what }]) => `| \`${name}\` | ${most ?? 'off'} | ${what} |`,
  )
  assert.deepEqual(table, rows)
})
