import { createHash, createHmac } from 'node:crypto'
import { checkJackpotToken } from '#sdk/jackpot/signing.ts'
import { checkPledgNotification, pledgHashedFields, pledgNotificationText } from '#sdk/pledg/notifications.ts'
import { checkPledgRequest } from '#sdk/pledg/signing.ts'
import { jwtParts } from '#sdk/protocol/hs256-jwt.ts'
import { equalBytes } from '../../../src/credentials/secrets.ts'
import type { Random } from '../../simulation/random.ts'
import { readMembers } from '../exact-reading.ts'
import { NOW, type SignedTarget } from '../target.ts'
import { sameJson } from './webwallet.ts'

const SECRET = 'a merchant secret'
const mac = (text: string) => createHmac('sha256', SECRET).update(text).digest('base64url')
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex').toUpperCase()
const equal = (one: string, other: string) => equalBytes(Buffer.from(one), Buffer.from(other))

function token(claims: object): string {
  const { signingInput } = jwtParts(claims)
  return `${signingInput}.${mac(signingInput)}`
}

const order = (random: Random) => ({
  data: {
    merchantUid: 'mer_1',
    amountCents: 100 * random.int(1e4),
    reference: `order-${random.int(1e6)}`,
    title: 'Un vélo',
    email: 'ada@example.com',
  },
  ...(random.chance(0.5) && { exp: NOW / 1000 + 600 }),
})

/** A token has one spelling: the slightest change makes it another. */
export const pledgRequest: SignedTarget = {
  kind: 'signed',
  name: 'Pledg request',
  valid: (random) => ({ token: token(order(random)) }),
  accepts({ token: presented }) {
    const checked = checkPledgRequest(presented, ({ merchantUid }) => (merchantUid === 'mer_1' ? mac : null), NOW)
    return checked.ok && equal(checked.presented, checked.expected)
  },
  says: ({ token: text }, original) => text === original.token,
}

const back = (random: Random) => ({
  id: `pur_${random.int(1e6)}`,
  reference: `order-${random.int(1e6)}`,
  created_at: '2026-11-22T10:00:00.000Z',
  status: random.pick(['completed', 'refunded']),
  sandbox: random.chance(0.5),
  error: random.chance(0.8) ? null : 'declined',
})

/**
 * Of a hashed notification six members are covered, each as a text: null like '' and true like the word. Of one with a token, all.
 */
export const pledgNotification: SignedTarget = {
  kind: 'signed',
  name: 'Pledg notification',
  valid(random) {
    if (random.chance(0.4))
      return { body: JSON.stringify({ signature: token({ ...order(random), purchase_state: 'error' }) }) }
    const fields = back(random)
    return {
      body: JSON.stringify({
        ...fields,
        metadata: { cart: [1, 'two'] },
        signature: sha256(pledgNotificationText(fields, SECRET)),
      }),
    }
  },
  accepts({ body = '' }) {
    const checked = checkPledgNotification(body, { secret: SECRET, sha256, mac })
    return checked.ok && equal(checked.presented, checked.expected)
  },
  says({ body = '' }, { body: original = '' }) {
    const [found, signed] = [readMembers(body), readMembers(original)]
    if (!found || !signed) return false
    if (signed.size === 1) return sameJson(body, original)
    return ['signature', ...pledgHashedFields].every(
      (name) => asHashed(found.get(name)?.text) === asHashed(signed.get(name)?.text),
    )
  },
}

const asHashed = (text: string | undefined) => {
  const value: unknown = text === undefined ? undefined : JSON.parse(text)
  return value === undefined || (typeof value === 'object' && value !== null)
    ? undefined
    : value === null
      ? ''
      : String(value)
}

const common = (random: Random) => ({
  amount: random.pick([10, 25.5, 7.25]),
  iat: NOW / 1000 - random.int(200),
  notificationKey: `n-${random.int(1e6)}`,
})

const jackpot = (version: 'v1' | 'v2', claims: (random: Random) => object): SignedTarget => ({
  kind: 'signed',
  name: `Jackpot initialization token ${version.toUpperCase()}`,
  valid: (random) => ({ token: token(claims(random)) }),
  accepts({ token: presented }) {
    const checked = checkJackpotToken(version, presented, mac, NOW)
    return checked.ok && equal(checked.presented, checked.expected)
  },
  says: ({ token: text }, original) => text === original.token,
})

export const jackpotV1 = jackpot('v1', (random) => ({
  ...common(random),
  cp: '75001',
  age: 34,
  gender: 'F',
  userId: `u${random.int(1e6)}`,
}))
export const jackpotV2 = jackpot('v2', (random) => ({
  ...common(random),
  ...(random.chance(0.5) && { userId: `u${random.int(1e6)}` }),
  ...(random.chance(0.3) && { forceManualConfirm: true }),
}))
