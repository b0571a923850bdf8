import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Names of what an outsider may try to guess byte by byte. */
const SECRET =
  /(?:secret|password|passphrase|\bpin|mac\b|hmac|signature|csrf|token|apikey|presented|recoverycode|totp|hash\b|digest\b)(?:\w|\b)*$/i

/** What compares by `===` all the same, and why it may: no line of these weighs what a caller guesses against a secret. */
const ALLOWED: Readonly<Record<string, string>> = {
  'src/credentials/access-token-jwt.ts': 'that a signature is spelt canonically: both sides are the caller’s',
  'src/credentials/transaction-token.ts': 'that a signature is spelt canonically: both sides are the caller’s',
  'src/engine/instance-lock.ts': 'a file’s owner, on this machine',
  'src/ledger/audit/head-claims.ts': 'hashes of the journal, which are not secret',
  'src/ledger/audit/idempotency.ts': 'digests of stored rows',
  'src/ledger/audit/redactions.ts': 'digests of stored rows',
  'src/ledger/audit/transaction-tokens.ts': 'ids of tokens, in stored rows',
  'src/ledger/audit/transactions.ts': 'digests of stored rows',
  'src/ledger/waiting.ts': 'whether a repeated request is the same: its sender has both',
  'src/operations/sign-in.ts': 'two readings of one row: nothing of the caller’s',
  'src/protocols/webwallet/revoke-token.ts': 'two ids that the caller sent',
  'src/pages/account/security/totp-pages.ts': 'whether there is a second factor: a boolean',
  'sdk/src/explain/guess.ts': 'what its own user typed',
  'sdk/src/explain/schemes/jackpot.ts': 'what its own user typed',
  'sdk/src/explain/schemes/tillo.ts': 'what its own user typed',
  'sdk/src/explain/schemes/walleo.ts': 'what its own user typed',
  'sdk/src/webwallet/token-session.ts': 'a client’s own tokens',
  'sdk/src/webwallet/token.ts': 'a client’s own tokens',
}

/** Where the constant-time comparison itself may stand. */
const COMPARES = ['src/credentials/secrets.ts', 'src/credentials/envelope.ts', 'src/ledger/head-file.ts']
/** `Buffer.equals`, on what is not secret. */
const EQUALS = [
  'src/credentials/keyring.ts',
  'src/credentials/partner-keys.ts',
  'src/ledger/audit/journal.ts',
  'src/ledger/postgres-store.ts',
  'src/operations/gift-cards/import-stock.ts',
  'src/operations/gift-cards/write-stock-batch.ts',
  'src/protocols/admin/once.ts',
  'src/storage/backup/read-parts.ts',
]

const OPERANDS = /([\w$.?![\]]+)(?:\([^()]*\))?\s*[!=]==?\s*([\w$.?![\]'"`-]+)/g
const LITERAL = /^(?:['"`\d-]|undefined$|null$|true$|false$)/

function findComparisons(source: string): string[] {
  const found: string[] = []
  for (const line of source.split('\n')) {
    const code = line.replace(/^\s*(?:\/\/|\*|\/\*).*/, '').replace(/'(?:[^'\\]|\\.)*'/g, "''")
    for (const [whole, left = '', right = ''] of code.matchAll(OPERANDS)) {
      if (LITERAL.test(left) || LITERAL.test(right) || /typeof\s+$/.test(code.slice(0, code.indexOf(whole)))) continue
      const names = [left, right].map((side) => side.replace(/[?!]/g, '').split('.').at(-1) ?? '')
      if (names.some((name) => SECRET.test(name) && !/length$/i.test(name))) found.push(line.trim())
    }
  }
  return found
}

const files = globSync('{src,sdk/src}/**/*.ts', { cwd: root })
const sourceOf = (file: string) => readFileSync(join(root, file), 'utf8')

test('a planted comparison of a secret by === is found', () => {
  for (const line of [
    'if (presented === expected) return true',
    'if (body.client_secret !== row.secret) throw wrong()',
    'return hmac(text) === given.signature',
    'const right = csrf === session.csrf',
    'return input.pin !== card.pin',
  ])
    assert.equal(findComparisons(line).length, 1, line)
  for (const line of [
    "if (pin === '') return",
    'if (token === undefined) return',
    'if (secret.length !== other.length) return',
  ])
    assert.deepEqual(findComparisons(line), [])
})

test('no secret is compared by === or Buffer.equals outside of what compares in constant time', () => {
  const found = files
    .filter((file) => ALLOWED[file] === undefined && file !== 'src/credentials/secrets.ts')
    .flatMap((file) => findComparisons(sourceOf(file)).map((line) => `${file}: ${line}`))
  assert.deepEqual(found, [])
  const equal = files.filter((file) => /\.equals\(|Buffer\.compare\(/.test(sourceOf(file)))
  assert.deepEqual(
    equal.filter((file) => !EQUALS.includes(file)),
    [],
  )
  const safe = files.filter((file) => /\btimingSafeEqual\(/.test(sourceOf(file)))
  assert.deepEqual(
    safe.filter((file) => !COMPARES.includes(file)),
    [],
  )
})

test('every exception is still one', () => {
  for (const file of Object.keys(ALLOWED)) assert.ok(findComparisons(sourceOf(file)).length > 0, file)
  for (const file of EQUALS) assert.match(sourceOf(file), /\.equals\(/)
  for (const file of COMPARES) assert.match(sourceOf(file), /timingSafeEqual\(/)
})
