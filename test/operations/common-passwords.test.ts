import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OperationRefusal, requirePassword } from '../../src/operations/input.ts'

const EMAIL = 'ada.moreno@example.com'
const refused = (error: unknown) => error instanceof OperationRefusal && error.field === 'password'

for (const password of [
  'password',
  'PassW0rd',
  '1234567890',
  'motdepasse',
  'aaaaaaaaaa',
  'abababab',
  'billfold',
  'short',
  EMAIL,
]) {
  test(`${password} is what anyone would try first, and nobody’s password`, () => {
    assert.throws(() => requirePassword(password, EMAIL), refused)
  })
}

test('the name in one’s own address is no password, and in another’s it is', () => {
  assert.throws(() => requirePassword('Ada.Moreno', EMAIL), refused)
  assert.equal(requirePassword('Ada.Moreno', 'ben@example.com'), 'Ada.Moreno')
})

for (const password of ['correct horse', 'password of mine', 'ünïcödé!', '  spaces ', `x y ${'z'.repeat(996)}`]) {
  test(`${JSON.stringify(password.slice(0, 20))} is taken as it is`, () => {
    assert.equal(requirePassword(password, EMAIL), password)
  })
}
