import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import test from 'node:test'
import { createDeviceMarks } from '../../src/credentials/device-mark.ts'
import { createKeyring } from '../../src/credentials/keyring.ts'

const marks = createDeviceMarks(createKeyring([randomBytes(32)]))

test('a mark is read for the account it was given for, each under a name of its own', () => {
  const [one, two] = [marks.make('ana@example.com'), marks.make('ana@example.com')]
  assert.notEqual(one, two)
  assert.equal(marks.read(one, 'ana@example.com'), one.split('.')[0])
})

test('a mark for another account, of another server, altered or made up is none', () => {
  const mark = marks.make('ana@example.com')
  assert.equal(marks.read(mark, 'ben@example.com'), null)
  const elsewhere = createDeviceMarks(createKeyring([randomBytes(32)]))
  assert.equal(elsewhere.read(mark, 'ana@example.com'), null)
  for (const wrong of [undefined, '', 'x', `x${mark.slice(1)}`, `${mark}x`, mark.split('.')[0]]) {
    if (wrong === mark) continue
    assert.equal(marks.read(wrong, 'ana@example.com'), null, wrong)
  }
})
