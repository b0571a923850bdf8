import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFuzzer, percentile } from './run.ts'
import type { SignedTarget } from './target.ts'
import { envelope } from './targets/webwallet.ts'
import { targets } from './targets.ts'

test('of 7,000 inputs, most of them changed valid requests, no verifier accepts what nobody signed, and none throws', async () => {
  const fuzzer = createFuzzer(targets)
  for (let number = 1; number <= 500 * targets.length; number++) await fuzzer.input(number)
  const { findings, inputs, mutations, untouched, identical, times } = fuzzer.tally
  assert.deepEqual(findings, [])
  assert.ok(mutations > inputs / 2 && untouched > inputs / 20 && identical > 0)
  for (const [name, list] of times) assert.ok(percentile(list, 0.9) < 2, name)
})

test('a verifier that compares sixteen characters of a signature is found', async () => {
  const weak: SignedTarget = {
    ...envelope,
    accepts({ body = '' }) {
      const [whole, half] = [/"signature":"([\w-]{43})"/, /"signature":"([\w-]{16})/].map(
        (form) => form.exec(body)?.[1],
      )
      if (whole === undefined) return false
      const known = known16.get(String(half))
      return known !== undefined
    },
  }
  const known16 = new Map<string, true>()
  const spying: SignedTarget = {
    ...weak,
    valid(random) {
      const wire = envelope.valid(random)
      known16.set(/"signature":"([\w-]{16})/.exec(wire.body ?? '')?.[1] ?? '', true)
      return wire
    },
  }
  const fuzzer = createFuzzer([spying])
  for (let number = 1; number <= 150; number++) await fuzzer.input(number)
  assert.ok(fuzzer.tally.findings.some(({ what }) => what === 'accepts what nobody signed'))
})
