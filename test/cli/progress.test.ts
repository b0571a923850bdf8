import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createProgress } from '../../src/cli/progress.ts'

function terminal(isTTY: boolean) {
  let written = ''
  return {
    stream: {
      isTTY,
      write(text: string | Uint8Array) {
        written += text
        return true
      },
    },
    written: () => written,
  }
}

test('a bar is drawn on a terminal, not too often, and taken away', () => {
  const { stream, written } = terminal(true)
  let now = 1000
  const progress = createProgress(stream, () => now)
  progress.update('entries', 1, 2)
  progress.update('entries', 2, 2)
  assert.match(written(), /\[#{15}\.{15}\] {2}50 % {2}entries$/)
  now += 200
  progress.update('entries', 2, 2)
  assert.match(written(), /\[#{30}\] 100 % {2}entries$/)
  progress.end()
  assert.ok(written().endsWith('\r\u001b[K'))
})

test('nothing is drawn where there is no terminal', () => {
  const { stream, written } = terminal(false)
  const progress = createProgress(stream)
  progress.update('entries', 1, 2)
  progress.end()
  assert.equal(written(), '')
})
