import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { decodeBase64url, encodeBase64url } from '#sdk/protocol/base64url.ts'

test("bytes become the same text as Node's, and come back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const text = encodeBase64url(bytes)
      assert.equal(text, Buffer.from(bytes).toString('base64url'))
      assert.deepEqual([...(decodeBase64url(text) ?? [])], [...bytes])
    }),
  )
})

test('no two texts decode alike: only what encoding makes is decoded', () => {
  for (const text of ['AA==', 'AB', 'A', 'A+8', 'A/8', ' AAA', 'AAA\n', 'AAAAA', 'é']) {
    assert.equal(decodeBase64url(text), null, JSON.stringify(text))
  }
})

test('a megabyte is no problem', () => {
  const bytes = new Uint8Array(1 << 20).fill(7)
  assert.equal(decodeBase64url(encodeBase64url(bytes))?.length, bytes.length)
})
