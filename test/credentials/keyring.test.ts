import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdirSync, readlinkSync } from 'node:fs'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadOrCreateKey, parseKeys } from '../../src/credentials/key-file.ts'
import { createKeyring, createSealer, KeyringError, SEAL_BYTES, sealOf } from '../../src/credentials/keyring.ts'

const key = () => randomBytes(32)

test('a thread that was given only the sealing key seals what the keyring opens', () => {
  const keyring = createKeyring([key(), key()])
  const sealer = createSealer(structuredClone(keyring.sealingKey))
  assert.equal(keyring.open(sealer.seal('card', 'here'), 'here'), 'card')
  assert.throws(() => keyring.open(sealer.seal('card', 'here'), 'there'), KeyringError)
})

test('what is sealed opens again, with any text, and no two seals are alike', () => {
  const keyring = createKeyring([key()])
  for (const text of ['', 'a', 'naïve ☕ \u0000', 'x'.repeat(100_000)]) {
    const sealed = keyring.seal(text, 'here')
    assert.equal(keyring.open(sealed, 'here'), text)
    assert.ok(!sealed.equals(keyring.seal(text, 'here')))
    if (text.length > 3) assert.ok(!sealed.includes(text))
  }
})

test('a sealed value opens only where it belongs, and only unaltered', () => {
  const keyring = createKeyring([key()])
  const sealed = keyring.seal('secret', 'client:a:signing_secret')
  assert.throws(() => keyring.open(sealed, 'client:b:signing_secret'), KeyringError)
  for (let index = 0; index < sealed.length; index += 1) {
    const altered = Buffer.from(sealed)
    altered[index] = (altered[index] as number) ^ 1
    assert.throws(() => keyring.open(altered, 'client:a:signing_secret'), KeyringError, `byte ${index}`)
  }
  for (const length of [0, 1, 36, sealed.length - 1])
    assert.throws(() => keyring.open(sealed.subarray(0, length), 'client:a:signing_secret'), KeyringError)
})

test('what cannot be a sealed value is told apart from one that was altered', () => {
  const keyring = createKeyring([key()])
  const sealed = keyring.seal('', 'x')
  // Version, id, salt, nonce and tag, around nothing.
  assert.equal(sealed.length, 1 + 8 + 16 + 12 + 16)
  assert.deepEqual(sealed.subarray(0, SEAL_BYTES), sealOf(keyring.keyIds[0] as Buffer))
  assert.equal(keyring.open(sealed, 'x'), '')
  const opening = (bytes: Buffer) => {
    try {
      return keyring.open(bytes, 'x')
    } catch (error) {
      assert.ok(error instanceof KeyringError)
      return `${error.name}: ${error.message}`
    }
  }
  const none = 'KeyringError: not a sealed value'
  for (const length of [0, 1, 37, 52]) assert.equal(opening(sealed.subarray(0, length)), none)
  const other = Buffer.from(sealed)
  other[0] = 2
  assert.equal(opening(other), none)
  assert.match(opening(Buffer.concat([sealed, Buffer.of(0)])), /was altered or belongs to another place/)
  const sealedBySixteen = Array.from({ length: 16 }, () => keyring.seal('same', 'x').subarray(9, 37).toString('hex'))
  assert.equal(new Set(sealedBySixteen).size, 16)
})

test('keys rotate: the first seals, all open, a missing one is named as the reason', () => {
  const [first, second] = [key(), key()]
  const before = createKeyring([first]).seal('text', 'x')
  const both = createKeyring([second, first])
  assert.equal(both.open(before, 'x'), 'text')
  const after = both.seal('text', 'x')
  assert.equal(createKeyring([second]).open(after, 'x'), 'text')
  assert.throws(() => createKeyring([second]).open(before, 'x'), /not in BILLFOLD_KEY/)
})

test('derived keys have 32 bytes, differ by purpose and by key, and stay the same', () => {
  const root = key()
  const one = createKeyring([root])
  assert.equal(one.derive('journal').length, 32)
  assert.ok(one.derive('journal').equals(createKeyring([root, key()]).derive('journal')))
  assert.ok(!one.derive('journal').equals(one.derive('cookies')))
  assert.ok(!one.derive('journal').equals(createKeyring([key()]).derive('journal')))
  assert.ok(!one.derive('journal').equals(root))
})

test('keys are read in hex and base64, several with commas; errors do not repeat them', () => {
  const [a, b] = [key(), key()]
  assert.deepEqual(parseKeys(a.toString('hex')), [a])
  assert.deepEqual(parseKeys(`${a.toString('base64')}, ${b.toString('base64url')}\n`), [a, b])
  for (const text of [
    '',
    'short',
    a.toString('hex').slice(1),
    randomBytes(31).toString('base64'),
    `${a.toString('hex')},`,
    `${a.toString('base64')}!`,
    `!${a.toString('base64')}`,
    `${a.toString('hex')}0`,
    `0${a.toString('hex')}`,
  ])
    assert.throws(
      () => parseKeys(text),
      (error: Error) => error instanceof KeyringError && (text === '' || !error.message.includes(text)),
    )
  assert.throws(() => createKeyring([]), KeyringError)
  assert.throws(() => createKeyring([randomBytes(16)]), KeyringError)
})

/** Linux says which files a process has open. */
function filesOpenIn(folder: string): string[] {
  if (process.platform !== 'linux') return []
  const open = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(join('/proc/self/fd', fd))
    } catch {
      return ''
    }
  })
  return open.filter((path) => path.startsWith(folder))
}

test('the first start makes a key file that only its owner can read, and later starts read it', async () => {
  const home = await mkdtemp(join(tmpdir(), 'billfold-key-'))
  const inner = join(home, 'new')
  try {
    const made = await Promise.all(Array.from({ length: 8 }, () => loadOrCreateKey(inner)))
    for (const keys of made) assert.deepEqual(keys, made[0])
    assert.deepEqual(await loadOrCreateKey(inner), made[0])
    assert.equal((await stat(join(inner, 'key'))).mode & 0o777, 0o600)
    assert.deepEqual(await readdir(inner), ['key'])
    assert.deepEqual(parseKeys(await readFile(join(inner, 'key'), 'utf8')), made[0])
    assert.deepEqual(filesOpenIn(home), [], 'no file stays open')
    await chmod(join(inner, 'key'), 0o644)
    await assert.rejects(loadOrCreateKey(inner), /chmod 600/)
    await chmod(join(inner, 'key'), 0o600)
    await writeFile(join(inner, 'key'), 'damaged')
    await assert.rejects(loadOrCreateKey(inner), KeyringError)
  } finally {
    await rm(home, { recursive: true })
  }
})
