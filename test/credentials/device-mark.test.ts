import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import test from 'node:test'
import { createDeviceMarks, DEVICE_MARK_LIFE } from '../../src/credentials/device-mark.ts'
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
  for (const wrong of [undefined, '', 'x', `x${mark.slice(1)}`, `x${mark}`, `${mark}x`, mark.split('.')[0]]) {
    if (wrong === mark) continue
    assert.equal(marks.read(wrong, 'ana@example.com'), null, wrong)
  }
})

test('a mark that another key of the ring made is read, for half a year', () => {
  const [old, young] = [randomBytes(32), randomBytes(32)]
  const mark = createDeviceMarks(createKeyring([old])).make('ana@example.com')
  for (const keys of [
    [young, old],
    [old, young],
  ])
    assert.ok(createDeviceMarks(createKeyring(keys)).read(mark, 'ana@example.com'))
  assert.equal(createDeviceMarks(createKeyring([young])).read(mark, 'ana@example.com'), null)
  assert.equal(DEVICE_MARK_LIFE, 15_552_000)
})
