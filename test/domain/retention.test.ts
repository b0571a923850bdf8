import assert from 'node:assert/strict'
import test from 'node:test'
import { parseRetention, RETENTION, retentionOf } from '../../src/domain/retention.ts'

test('how long things are kept is read from one line, and what it does not name is as the table says', () => {
  const settings = parseRetention('mails=3, acts=365')
  assert.deepEqual(settings, { mails: 3, acts: 365 })
  assert.equal(retentionOf(settings, 'mails'), 3 * 86_400_000)
  assert.equal(retentionOf(settings, 'calls'), RETENTION.calls.days * 86_400_000)
  assert.equal(retentionOf(undefined, 'answers'), 30 * 86_400_000)
})

test('mistakes are named', () => {
  for (const [text, says] of [
    ['mails', /mails must be 1 to 365 days/],
    ['letters=3', /letters=3 is not of the form mails=7/],
    ['mails=0', /mails must be 1 to 365 days/],
    ['mails=366', /mails must be 1 to 365 days/],
    ['sessions=15', /sessions must be 1 to 14 days/],
    ['mails=3=4', /is not of the form/],
    ['mails=3,', /nothing is not of the form/],
    ['toString=3', /is not of the form/],
  ] as const)
    assert.throws(() => parseRetention(text), says, text)
})
