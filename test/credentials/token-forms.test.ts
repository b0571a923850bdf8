import assert from 'node:assert/strict'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import test, { describe } from 'node:test'
import { ADMIN_SCOPES } from '../../src/credentials/admin-scopes.ts'
import { verifyApiKey } from '../../src/credentials/api-key.ts'
import { createLocalRates, type RateRule } from '../../src/credentials/rate.ts'
import { familyMark, makeRefreshToken, parseRefreshToken } from '../../src/credentials/refresh-token.ts'
import { createRequestLimits } from '../../src/credentials/request-limits.ts'
import { isWalletScope, splitScopes, WALLET_SCOPES } from '../../src/credentials/scopes.ts'
import { makeSecret } from '../../src/credentials/secrets.ts'
import type { Rates } from '../../src/credentials/shared-rates.ts'
import { TokenRefusal } from '../../src/credentials/token-refusal.ts'

const sha256 = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest()

describe('a refresh token', () => {
  test('says its family and is kept as a hash', () => {
    const family = randomUUID()
    const { token, hash } = makeRefreshToken(family)
    assert.match(token, /^bfr_[\w-]{64}$/)
    assert.notEqual(makeRefreshToken(family).token, token)
    const bytes = Buffer.from(token.slice(4), 'base64url')
    assert.deepEqual([bytes.length, bytes.toString('hex', 0, 16)], [48, family.replaceAll('-', '')])
    assert.deepEqual(hash, sha256(bytes))
    assert.deepEqual(parseRefreshToken(token), { familyId: family, hash })
  })

  test('is none in any other form', () => {
    const { token } = makeRefreshToken(randomUUID())
    for (const wrong of [
      '',
      token.slice(1),
      `x${token}`,
      `${token}A`,
      token.slice(0, -1),
      `${token}\n`,
      `bfk_${token.slice(4)}`,
    ])
      assert.equal(parseRefreshToken(wrong), undefined, wrong)
    assert.equal(parseRefreshToken(`bfr_${'='.repeat(64)}`), undefined)
  })

  test('tells access tokens a mark of its family and not its id', () => {
    const family = randomUUID()
    const hex = sha256(`family:${family}`).toString('hex', 0, 16)
    assert.equal(familyMark(family), hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'))
  })
})

test('the words of scopes are these', () => {
  assert.equal(WALLET_SCOPES.join(' '), 'balance transactions funds payments charges invoices refills refunds')
  assert.deepEqual(['balance', 'refunds', '', 'openid', 'Balance'].map(isWalletScope), [
    true,
    true,
    false,
    false,
    false,
  ])
  assert.deepEqual(splitScopes(' balance,payments  ,, funds\tbalance '), ['balance', 'payments', 'funds'])
  assert.deepEqual([splitScopes(''), splitScopes(' , ')], [[], []])
  const words = `parties:read parties:write people:export people:erase wallets:read wallets:write clients:read clients:write
    api-keys:read api-keys:write ledger:read partners:read partners:write floats:write float-requests:read
    float-requests:write brands:read brands:write stock:read stock:write orders:read orders:write cards:read cards:write
    cards:redeem cards:top-up cards:reveal merchants:read merchants:write purchases:read velocity:read velocity:write
    reports:read webhooks:read webhooks:write deliveries:read deliveries:write`
  assert.deepEqual(ADMIN_SCOPES, words.split(/\s+/))
})

describe('the refusal of a token', () => {
  test('has the status and the challenge of its code', () => {
    for (const [code, status] of [
      ['invalid_request', 400],
      ['invalid_token', 401],
      ['insufficient_scope', 403],
      ['invalid_dpop_proof', 401],
    ] as const) {
      const refusal = new TokenRefusal(code, 'why')
      assert.deepEqual(
        [refusal.name, refusal.code, refusal.status, refusal.message],
        ['TokenRefusal', code, status, 'why'],
      )
      assert.equal(refusal.missing, false)
      assert.equal(refusal.challenge('wallets'), `Bearer realm="wallets", error="${code}", error_description="why"`)
    }
  })

  test('names no error when there was no token at all', () => {
    const refusal = new TokenRefusal('invalid_token', 'a token is required', { missing: true })
    assert.deepEqual([refusal.missing, refusal.reason(), refusal.challenge('x')], [true, '', 'Bearer realm="x"'])
    assert.equal(new TokenRefusal('invalid_token', 'why', {}).missing, false)
  })
})

describe('what could be no API key', () => {
  const apiKey = makeSecret('apiKey')
  const asked: Buffer[] = []
  const nobody = {
    query: async (_: string, [hash]: readonly unknown[] = []) => {
      asked.push(hash as Buffer)
      return []
    },
  } as never

  test('is looked up nowhere, and says why', async () => {
    const refusedBy = async (header: string) => {
      const error = await verifyApiKey({ db: nobody }, header).then(
        () => undefined,
        (error: unknown) => error,
      )
      assert.ok(error instanceof TokenRefusal)
      assert.equal(error.code, 'invalid_token')
      return error.missing
    }
    assert.equal(await refusedBy(''), true)
    const wrong = [apiKey, `Basic ${apiKey}`, `xBearer ${apiKey}`, `Bearer ${apiKey}x`, `Bearer  ${apiKey}`, 'Bearer ']
    for (const header of [...wrong, `Bearer ${apiKey.slice(0, -1)}`, `Bearer ${makeSecret('clientSecret')}`])
      assert.equal(await refusedBy(header), false, header)
    assert.deepEqual(asked, [])
    assert.equal(await refusedBy(`bEARER ${apiKey}`), false)
    assert.deepEqual(asked, [sha256(apiKey)])
  })
})

describe('the limits of an interface', () => {
  const limits = (rateLimits: object, rates: Rates = createLocalRates()) =>
    createRequestLimits({ rates, config: { rateLimits } }, 'walleo')

  test('are of each credential by itself', () => {
    const { take } = limits({ walleo: 2 })
    assert.deepEqual([take('a'), take('a'), take('b')], [0, 0, 0])
    assert.ok(take('a') > 0 && take('a') <= 60)
  })

  test('are none where the settings say so, and those of the table where they say nothing', () => {
    const never = { limit: () => assert.fail('there is no limit') }
    const { take, failed, before } = limits({ walleo: null, failures: null }, never)
    failed('192.0.2.1')
    assert.deepEqual([take('a'), before(() => '192.0.2.1')], [0, 0])
    const rules: RateRule[] = []
    const rates = {
      limit(rule: RateRule) {
        rules.push(rule)
        return createLocalRates().limit(rule)
      },
    }
    for (const config of [undefined, {}, { rateLimits: {} }]) createRequestLimits({ rates, config }, 'walleo')
    const usual = [
      { name: 'walleo', limit: 60_000, length: 60_000 },
      { name: 'failures', limit: 300, length: 60_000 },
    ]
    assert.deepEqual(rules, [...usual, ...usual, ...usual])
  })

  test('of failures are of a network, and shut out nobody beside it', () => {
    const { before, failed } = limits({ failures: 2 })
    failed('192.0.2.1')
    assert.equal(
      before(() => assert.fail('nobody needs to be worked out')),
      0,
    )
    failed('192.0.2.1')
    assert.ok(before(() => '192.0.2.1') > 0)
    assert.equal(
      before(() => '192.0.2.2'),
      0,
    )
    failed('2001:db8:1:2::1')
    failed('2001:db8:1:2::2')
    assert.ok(before(() => '2001:db8:1:2:ffff::3') > 0)
    assert.equal(
      before(() => '2001:db8:1:3::1'),
      0,
    )
  })

  test('of failures do not count this machine’s own addresses, nor what is no address', () => {
    const { before, failed } = limits({ failures: 1 })
    for (const address of ['127.0.0.1', '127.255.0.1', '::1', '', 'unknown']) {
      failed(address)
      assert.equal(
        before(() => address),
        0,
        address,
      )
    }
  })

  test('of failures are one count for all interfaces', () => {
    const rates = createLocalRates()
    limits({ failures: 2 }, rates).failed('192.0.2.1')
    const other = createRequestLimits({ rates, config: { rateLimits: { failures: 2 } } }, 'admin')
    other.failed('192.0.2.1')
    assert.ok(limits({ failures: 2 }, rates).before(() => '192.0.2.1') > 0)
    for (let i = 0; i < 3; i++) assert.equal(other.take(randomBytes(4).toString('hex')), 0)
  })
})
