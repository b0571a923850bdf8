import { createHash, generateKeyPairSync } from 'node:crypto'
import { checkEnvelope, readEnvelope, sealEnvelope } from '#sdk/protocol/envelope.ts'
import { EnvelopeError, ExactJsonError } from '#sdk/protocol/errors.ts'
import { parseExactJson } from '#sdk/protocol/exact-json.ts'
import { signAccessToken, verifyAccessTokenJwt } from '../../../src/credentials/access-token-jwt.ts'
import { createMac, createSigningKey } from '../../../src/credentials/envelope.ts'
import { TokenRefusal } from '../../../src/credentials/token-refusal.ts'
import { signTransactionToken, verifyTransactionToken } from '../../../src/credentials/transaction-token.ts'
import type { Random } from '../../simulation/random.ts'
import { exactReading, readMembers } from '../exact-reading.ts'
import { NOW, type SignedTarget } from '../target.ts'

const ISSUER = 'https://pay.example'
const mac = createMac(createSigningKey('a signing secret of 32 characters!'))

export const payload = (random: Random): Record<string, unknown> => ({
  endpoint: 'payments',
  target: `us:830${random.int(10_000)}:USD`,
  amount: random.pick([1, 10.5, '10.50', 0.01, 123456789.12, '7']),
  currency: 'USD',
  nonce: `n-${random.int(1e6)}`,
  ...(random.chance(0.5) && { description: random.pick(['Tea', 'Thé à la menthe', 'two \u{1f375}', '"quoted"\\']) }),
  ...(random.chance(0.3) && { metadata: { order: { lines: [1, 2, { sku: 'a' }], gift: true, note: null } } }),
})

/**
 * The header is not signed: an accepted one must still be of a form that may stand there. White space, escapes, order of members and
 * spellings of one number are the same message; everything else is another.
 */
export const envelope: SignedTarget = {
  kind: 'signed',
  name: 'WebWallet envelope',
  valid: (random) => ({ body: sealEnvelope(payload(random), mac) }),
  accepts({ body = '' }) {
    try {
      checkEnvelope(readEnvelope(parseExactJson(body)), mac)
      return true
    } catch (error) {
      if (error instanceof ExactJsonError || error instanceof EnvelopeError) return false
      throw error
    }
  },
  says({ body = '' }, { body: original = '' }) {
    const [found, signed] = [readMembers(body), readMembers(original)]
    if (!found || [...found.keys()].some((name) => !['header', 'payload', 'signature'].includes(name))) return false
    const header = readMembers(found.get('header')?.text ?? '')
    if (!header || [...header.keys()].some((name) => !['alg', 'kid', 'typ'].includes(name))) return false
    const alg = header.get('alg')?.reading
    if (alg !== '"hs256"' && alg !== '"HS256"') return false
    return ['payload', 'signature'].every((name) => found.get(name)?.reading === signed?.get(name)?.reading)
  },
}

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const keys = { find: (kid: string) => (kid === 'k1' ? publicKey : undefined) }
const idOf = (random: Random) =>
  createHash('sha256')
    .update(String(random.int(1e9)))
    .digest('hex')
    .slice(0, 32)

/** A token has one spelling: the slightest change makes it another. */
export const transactionToken: SignedTarget = {
  kind: 'signed',
  name: 'WebWallet transaction token',
  valid: (random) => ({
    token: signTransactionToken(
      { kid: 'k1', key: privateKey },
      {
        iss: ISSUER,
        sub: idOf(random),
        aud: random.pick(['*', 'till']),
        endpoint: random.pick(['charges', 'payments'] as const),
        source: 'us:1:USD',
        target: random.pick(['*', 'us:2:USD']),
        amount: random.pick([5, '5.00', 0.5]),
        currency: 'USD',
        iat: NOW / 1000,
        exp: NOW / 1000 + 600,
        jti: idOf(random),
      },
    ),
  }),
  accepts: async ({ token = '' }) =>
    (await verifyTransactionToken({ issuer: ISSUER, keys: keys as never }, token)) !== null,
  says: ({ token }, original) => token === original.token,
}

export const accessToken: SignedTarget = {
  kind: 'signed',
  name: 'access token',
  valid: (random) => ({
    token: signAccessToken({ kid: 'k1', key: privateKey }, ISSUER, {
      jti: idOf(random),
      subject: idOf(random),
      clientId: 'till',
      scopes: ['read', 'payments'],
      family: null,
      wallets: random.chance(0.5) ? null : new Set([1n, 22n]),
      walletNames: '*',
      audience: ISSUER,
      issuedAt: NOW,
      expiresAt: NOW + 3_600_000,
    }),
  }),
  async accepts({ token = '' }) {
    try {
      await verifyAccessTokenJwt({ issuer: ISSUER, audiences: new Set([ISSUER]), keys: keys as never }, token, NOW)
      return true
    } catch (error) {
      if (error instanceof TokenRefusal) return false
      throw error
    }
  },
  says: ({ token }, original) => token === original.token,
}

/** For other targets: whether two JSON texts say the same. */
export const sameJson = (one = '', other = ''): boolean => {
  const reading = exactReading(one)
  return reading !== null && reading === exactReading(other)
}
