import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import test from 'node:test'
import { createKeyring } from '../../src/credentials/keyring.ts'
import { createPasskeyChallenges } from '../../src/credentials/passkey-challenge.ts'
import { hashRecoveryCode, makeRecoveryCodes, readRecoveryCode } from '../../src/credentials/recovery-codes.ts'
import { makeTotpSecret, readTotpCode, totpAddress, totpStep } from '../../src/credentials/totp.ts'

// RFC 6238 appendix B, the secret of its SHA-1 rows in base32; the last six of its eight digits.
const RFC_SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const RFC_ROWS: [seconds: number, code: string][] = [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
]

test('codes are those of RFC 6238’s own table', () => {
  for (const [seconds, code] of RFC_ROWS)
    assert.equal(totpStep(RFC_SECRET, code, seconds * 1000), Math.floor(seconds / 30), code)
})

test('a code counts one step early or late, and says its own step', () => {
  const at = 1_234_567_890_000
  const step = Math.floor(at / 30_000)
  assert.equal(totpStep(RFC_SECRET, '005924', at + 30_000), step)
  assert.equal(totpStep(RFC_SECRET, '005924', at - 30_000), step)
  assert.equal(totpStep(RFC_SECRET, '005924', at + 60_000), null)
  assert.equal(totpStep(RFC_SECRET, '005924', at - 60_000), null)
})

test('what an app reads names the issuer, whose it is, and a secret of 160 bits', () => {
  const secret = makeTotpSecret()
  assert.match(secret, /^[A-Z2-7]{32}$/)
  const address = new URL(totpAddress(secret, 'pay.example', 'ana+b@example.com'))
  assert.equal(address.protocol + address.host, 'otpauth:totp')
  assert.equal(decodeURIComponent(address.pathname), '/pay.example:ana+b@example.com')
  assert.deepEqual(
    ['secret', 'issuer', 'digits', 'period', 'algorithm'].map((name) => address.searchParams.get(name)),
    [secret, 'pay.example', '6', '30', 'SHA1'],
  )
})

test('what is typed is read kindly, and what is no code is none', () => {
  assert.equal(readTotpCode(' 123 456'), '123456')
  for (const text of ['12345', '1234567', '12345a', '１２３４５６', '']) assert.equal(readTotpCode(text), null, text)
  const [code = ''] = makeRecoveryCodes()
  assert.match(code, /^([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}$/)
  assert.equal(
    readRecoveryCode(` ${code.toUpperCase().replaceAll('-', ' ').replaceAll('0', 'O')} `),
    code.replaceAll('-', ''),
  )
  for (const text of ['', '123456', `${code}0`, code.replace(/.$/, 'u')])
    assert.equal(readRecoveryCode(text), null, text)
})

test('codes are many, and kept as hashes that are one person’s', () => {
  const codes = Array.from({ length: 100 }, makeRecoveryCodes).flat()
  assert.equal(new Set(codes).size, 1000)
  const [code = ''] = codes
  assert.deepEqual(hashRecoveryCode('a@b.example', code), hashRecoveryCode('a@b.example', code.replaceAll('-', '')))
  assert.notDeepEqual(hashRecoveryCode('a@b.example', code), hashRecoveryCode('c@b.example', code))
})

test('a challenge is for one purpose, one browser and five minutes, and every process knows it', () => {
  const keyring = createKeyring([randomBytes(32)])
  let now = 1_000_000
  const [one, two] = [0, 0].map(() => createPasskeyChallenges({ keyring, clock: () => now }))
  assert.ok(one && two)
  const text = Buffer.from(one.make('sign-in', 'mine')).toString('base64url')
  const read = two.read('sign-in', 'mine', text)
  assert.equal(read?.expiresAt, 1_300_000)
  assert.equal(two.read('confirm', 'mine', text), null)
  assert.equal(two.read('sign-in', 'theirs', text), null)
  const stranger = createPasskeyChallenges({ keyring: createKeyring([randomBytes(32)]), clock: () => now })
  assert.equal(stranger.read('sign-in', 'mine', text), null)
  const bytes = Buffer.from(text, 'base64url')
  for (const index of bytes.keys()) {
    const changed = Buffer.from(bytes)
    changed[index] = (changed[index] ?? 0) ^ 1
    assert.equal(two.read('sign-in', 'mine', changed.toString('base64url')), null)
  }
  for (const other of ['', 'AAAA', `${text}AA`]) assert.equal(two.read('sign-in', 'mine', other), null)
  now = 1_300_000
  assert.equal(two.read('sign-in', 'mine', text), null)
})
