import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { readCode } from '#sdk/explain/code.ts'

const digests = Array.from({ length: 20_000 }, (_, n) => createHash('sha256').update(String(n)).digest())

test('a digest that is written as wanted is read as itself, whatever its text begins with', () => {
  for (const spelling of ['hex', 'base64', 'base64url'] as const)
    for (const digest of digests) {
      const text = digest.toString(spelling)
      const right = readCode(text, spelling).filter(({ bytes, wrong }) => wrong.length === 0 && digest.equals(bytes))
      assert.equal(right.length, 1, text)
    }
  assert.ok(digests.some((digest) => /^0x/i.test(digest.toString('base64url'))))
})

test('hexadecimal digits after 0x are read, and the prefix is named', () => {
  const digest = digests[0] as Buffer
  const [reading] = readCode(`0x${digest.toString('hex')}`, 'hex')
  assert.deepEqual(reading?.wrong, [{ mistake: 'signature-prefixed', values: { prefix: '0x' } }])
  assert.ok(digest.equals(reading.bytes))
})
