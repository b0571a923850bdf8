import { createHmac } from 'node:crypto'
import { decodeWebhookSecret, readWebhook, webhookText } from '#sdk/webhooks/verify.ts'
import { createDpopProofs } from '../../../src/credentials/dpop.ts'
import { equalBytes } from '../../../src/credentials/secrets.ts'
import { TokenRefusal } from '../../../src/credentials/token-refusal.ts'
import { createProof, createProofKey } from '../../support/dpop.ts'
import { NOW, type SignedTarget } from '../target.ts'
import { payload } from './webwallet.ts'

const ORIGIN = 'https://pay.example'
const key = createProofKey('ES256')
const second = createProofKey('EdDSA')
const proofs = createDpopProofs({ db: null as never, origins: new Set([ORIGIN]), clock: () => NOW })

/** A proof has one spelling; method, token and path are those that it names (a path may spell an octet otherwise). */
export const dpop: SignedTarget = {
  kind: 'signed',
  name: 'DPoP proof',
  valid(random) {
    const accessToken = `token-${random.int(1e6)}`
    const method = random.pick(['GET', 'POST'])
    const path = `/us:${random.int(1e4)}:USD/payments`
    const claims = { jti: `j-${random.int(1e9)}` }
    const proof = createProof(random.chance(0.5) ? key : second, {
      method,
      url: ORIGIN + path,
      accessToken,
      now: NOW,
      claims,
    })
    return { proof, method, path, token: accessToken }
  },
  async accepts({ proof = '', method = '', path = '', token = '' }) {
    try {
      await proofs.verify(proof, { method, path, accessToken: token })
      return true
    } catch (error) {
      if (error instanceof TokenRefusal) return false
      throw error
    }
  },
  says(wire, original) {
    if (['proof', 'method', 'token'].some((name) => wire[name] !== original[name])) return false
    try {
      return decodeURIComponent(pathOf(wire.path)) === decodeURIComponent(pathOf(original.path))
    } catch {
      return false
    }
  },
}

/** As an address's path is resolved; what comes after `?` or `#` is not of it. */
const pathOf = (path = '') => new URL(ORIGIN + path).pathname

const webhookSecret = decodeWebhookSecret(`whsec_${Buffer.alloc(32, 5).toString('base64')}`)
const sign = (text: string) => createHmac('sha256', webhookSecret).update(text).digest('base64')

/** Same is: the same id, time and body to the letter, whatever else stands in the list of signatures. */
export const webhook: SignedTarget = {
  kind: 'signed',
  name: 'webhook',
  valid(random) {
    const message = {
      id: `msg_${random.int(1e9)}`,
      timestamp: NOW / 1000 - random.int(200),
      body: JSON.stringify(payload(random)),
    }
    const old = random.chance(0.3) ? ` v1,${Buffer.alloc(32, 1).toString('base64')}` : ''
    return {
      id: message.id,
      timestamp: String(message.timestamp),
      body: message.body,
      signature: `v1,${sign(webhookText(message))}${old}`,
    }
  },
  accepts({ id, timestamp, body = '', signature }) {
    const headers: Record<string, string | undefined> = {
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signature,
    }
    const read = readWebhook({ header: (name) => headers[name], body }, NOW)
    if (!read.ok) return false
    const right = Buffer.from(sign(read.text))
    return read.presented.some((one) => equalBytes(Buffer.from(one), right))
  },
  says: (wire, original) => ['id', 'timestamp', 'body'].every((name) => wire[name] === original[name]),
}
