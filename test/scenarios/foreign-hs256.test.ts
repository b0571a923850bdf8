import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import jwt from 'jsonwebtoken'
import { checkJackpotToken, importJackpotKey, signJackpotToken } from '#sdk/jackpot/signing.ts'
import { pledgNotificationHash } from '#sdk/pledg/notifications.ts'
import { checkPledgRequest, importPledgKey, signPledgRequest } from '#sdk/pledg/signing.ts'
import { verifyPledgNotification } from '#sdk/pledg/verification.ts'

// Tokens that others sign are taken here, and tokens that are signed here by others: by the libraries of the vendors' own samples.

type Foreign = {
  name: string
  skip: string | false
  sign(claims: object, secret: string): string
  /** @throws for a wrong signature */
  verify(token: string, secret: string): unknown
}

const script = (name: string) => fileURLToPath(new URL(`foreign/${name}`, import.meta.url))
const run = (command: string, ...args: string[]) =>
  execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
const hasPhp = spawnSync('php', ['-v']).status === 0
const hasRuby = spawnSync('ruby', ['-e', 'require "jwt"']).status === 0

const foreigners: Foreign[] = [
  {
    name: 'jsonwebtoken',
    skip: false,
    sign: (
      claims,
      secret, // The option removes an `iat` that is there.
    ) => jwt.sign(claims, secret, { noTimestamp: !('iat' in claims), allowInsecureKeySizes: true }),
    verify: (token, secret) => jwt.verify(token, secret, { algorithms: ['HS256'], ignoreExpiration: true }),
  },
  {
    name: 'PHP’s hash_hmac',
    skip: !hasPhp && 'no PHP is installed (Debian: php-cli)',
    sign: (claims, secret) => run('php', script('hs256.php'), 'sign', secret, JSON.stringify(claims)),
    verify: (token, secret) => JSON.parse(run('php', script('hs256.php'), 'verify', secret, token)),
  },
  {
    name: 'ruby-jwt',
    skip: !hasRuby && 'no Ruby with jwt is installed (Debian: ruby-jwt)',
    sign: (claims, secret) => run('ruby', script('hs256.rb'), 'sign', secret, JSON.stringify(claims)),
    verify: (token, secret) => JSON.parse(run('ruby', script('hs256.rb'), 'verify', secret, token)),
  },
]

const secret = 'bf6b2c47010cf4f79b9767042bafb1eb4 – clé'
const mac = (key: string) => (text: string) => createHmac('sha256', key).update(text).digest('base64url')
const now = Date.now()
const iat = Math.floor(now / 1000)
const v1 = { amount: 100.5, cp: '75000', age: 40, gender: 'F', userId: 'Zoë', iat, notificationKey: 'k-1' }
const v2 = { amount: 99.95, iat, notificationKey: 'k-2', forceManualConfirm: true }
const data = {
  amountCents: 10_000,
  merchantUid: 'mer_1',
  reference: 'commande-7',
  title: 'Vélo',
  metadata: { a: [1, {}] },
}
const transfer = { reference: 'r', transfer_order_item_uid: 'tri_1', amount_cents: 100, created: '2020-01-01' }

for (const { name, skip, sign, verify } of foreigners) {
  describe(`tokens by HS256, here and by ${name}`, { skip }, () => {
    it('an initialization token of theirs opens a session, of either version', () => {
      for (const [version, claims] of [
        ['v1', v1],
        ['v2', v2],
      ] as const) {
        const checked = checkJackpotToken(version, sign(claims, secret), mac(secret), now)
        assert.ok(checked.ok && checked.presented === checked.expected)
        assert.deepEqual(checked.claims, claims)
        const other = checkJackpotToken(version, sign(claims, 'another'), mac(secret), now)
        assert.ok(other.ok && other.presented !== other.expected)
      }
    })

    it('an initialization token of ours is theirs to verify', async () => {
      const key = await importJackpotKey(secret)
      for (const claims of [v1, v2]) {
        const token = await signJackpotToken(claims, key)
        assert.deepEqual(verify(token, secret), claims)
        assert.throws(() => verify(token, 'another'))
      }
    })

    it('a purchase that they sign is taken, and one that is signed here is theirs to verify', async () => {
      const checked = checkPledgRequest(sign({ data }, secret), () => mac(secret), now)
      assert.ok(checked.ok && checked.presented === checked.expected)
      assert.deepEqual(checked.data, data)
      const token = await signPledgRequest({ data, exp: iat + 60 }, await importPledgKey(secret))
      assert.deepEqual(verify(token, secret), { data, exp: iat + 60 })
    })

    it('a notification that they sign is proven', async () => {
      const verdict = await verifyPledgNotification(JSON.stringify({ signature: sign(transfer, secret) }), secret)
      assert.ok(verdict.ok && verdict.kind === 'transfer')
      assert.deepEqual(verdict.notice, transfer)
      const forged = await verifyPledgNotification(JSON.stringify({ signature: sign(transfer, 'another') }), secret)
      assert.deepEqual(forged, { ok: false, refusal: 'wrong-signature' })
    })
  })
}

describe('the hash of a notification, here and by PHP’s hash', {
  skip: !hasPhp && 'no PHP is installed (Debian: php-cli)',
}, () => {
  it('is the same, booleans and nothing included', async () => {
    const fields = {
      created_at: '2026-01-01T00:00:00Z',
      error: null,
      id: 'pur_1',
      reference: 'é',
      sandbox: false,
      status: 'failed',
    }
    const theirs = run('php', script('hs256.php'), 'hash', secret, JSON.stringify(fields))
    assert.equal(await pledgNotificationHash(fields, secret), theirs)
    const verdict = await verifyPledgNotification(JSON.stringify({ ...fields, signature: theirs }), secret)
    assert.ok(verdict.ok && verdict.kind === 'back' && !verdict.notice.sandbox)
  })
})
