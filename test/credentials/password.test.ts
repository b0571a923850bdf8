import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPasswords, PasswordsBusy } from '../../src/credentials/password.ts'
import { equalBytes, hashSecret, makeSecret, secretMatches } from '../../src/credentials/secrets.ts'

test('a password is kept as Argon2id with the agreed cost and verified', async () => {
  const passwords = createPasswords()
  const stored = await passwords.hash('correct horse')
  assert.match(stored, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  assert.notEqual(stored, await passwords.hash('correct horse'))
  assert.equal(await passwords.verify(stored, 'correct horse'), true)
  assert.equal(await passwords.verify(stored, 'Correct horse'), false)
  assert.equal(await passwords.verify(null, 'nobody has this password'), false)
})

test('a flood of sign-ins is worked off two at a time and turned away beyond a hundred in line', async () => {
  const passwords = createPasswords()
  const stored = await passwords.hash('x')
  const outcomes = await Promise.allSettled(Array.from({ length: 104 }, () => passwords.verify(stored, 'x')))
  const refused = outcomes.filter(({ status }) => status === 'rejected')
  assert.equal(refused.length, 2)
  for (const one of refused)
    assert.ok(one.status === 'rejected' && one.reason instanceof PasswordsBusy && one.reason.name === 'PasswordsBusy')
  assert.equal(await passwords.verify(stored, 'x'), true)
})

test('made secrets have 256 random bits behind a prefix and match their hash only', () => {
  const secret = makeSecret('clientSecret')
  assert.match(secret, /^bfs_[A-Za-z0-9_-]{43}$/)
  assert.match(makeSecret('apiKey'), /^bfk_/)
  assert.notEqual(secret, makeSecret('clientSecret'))
  assert.ok(secretMatches(secret, hashSecret(secret)))
  assert.ok(!secretMatches(`${secret} `, hashSecret(secret)))
  assert.ok(!equalBytes(Buffer.of(1), Buffer.of(1, 2)))
})
