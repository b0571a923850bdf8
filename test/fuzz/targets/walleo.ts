import { createHmac } from 'node:crypto'
import { walleoPayload, walleoStringToSign } from '#sdk/walleo/signing.ts'
import { checkWalleoRequest } from '#sdk/walleo/verification.ts'
import { equalBytes } from '../../../src/credentials/secrets.ts'
import { exactReading } from '../exact-reading.ts'
import { NOW, type SignedTarget } from '../target.ts'

const PARTNERS: Record<string, { identifier: string; key: Buffer }> = {
  'key-one': { identifier: '7d0c0d6e-3c3b-4c5e-9d6f-0f3f6a1f6a11', key: Buffer.alloc(32, 7) },
  'key-two': { identifier: '1b9e3a02-53a5-4a6b-8a39-a1c5d7b5f0c2', key: Buffer.alloc(32, 8) },
}
const sign = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest('hex')
// Node's parser knows methods from a list, and lets no blank or control character into a target.
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']
const TARGET = /^\/[\x21-\x7e]*$/

/**
 * Same is: the same partner, method, target and time, and a body that says the same. In the header the order of parts, blanks
 * around them and the case of their names may differ. A request without a body signs like one with an empty one.
 */
export const walleo: SignedTarget = {
  kind: 'signed',
  name: 'Walleo request',
  valid(random) {
    const apiKey = random.pick(Object.keys(PARTNERS))
    const { identifier, key } = PARTNERS[apiKey] as { identifier: string; key: Buffer }
    const method = random.pick(['GET', 'POST'])
    const target = method === 'GET' ? `/partners/v1/purchases/${random.int(1e6)}?limit=10` : '/partners/v1/purchases'
    const body = {
      request_id: `r-${random.int(1e6)}`,
      gift_card_id: 'tea',
      amount: random.pick([25, 10.5]),
      lines: [{ a: 1, b: 'é' }],
    }
    const [sent, payload] =
      method === 'GET' ? ['', random.pick([null, ''])] : [JSON.stringify(body), walleoPayload(body)]
    const timestamp = NOW / 1000 - 100 + random.int(200)
    const signature = sign(
      key,
      walleoStringToSign({ method, url: `https://pay.example${target}`, payload, identifier, timestamp }),
    )
    const authorization = `Bearer ${apiKey}, Id=${identifier}, Signature=${signature}, Timestamp=${timestamp}`
    return { method, target, authorization, body: sent }
  },
  accepts({ method = '', target = '', authorization, body = '' }) {
    if (!METHODS.includes(method) || !TARGET.test(target)) return false
    const macFor = ({ apiKey, identifier }: { apiKey: string; identifier: string }) => {
      const known = Object.hasOwn(PARTNERS, apiKey) ? PARTNERS[apiKey] : undefined
      return known?.identifier === identifier ? (text: string) => sign(known.key, text) : null
    }
    const checked = checkWalleoRequest(
      { method, urls: [`https://pay.example${target}`], authorization, body },
      macFor,
      NOW,
    )
    return checked.ok && checked.expected.some((one) => equalBytes(Buffer.from(one), Buffer.from(checked.presented)))
  },
  says: (wire, original) => meaning(wire) === meaning(original) && meaning(original) !== null,
}

function meaning({ method, target, authorization = '', body = '' }: Readonly<Record<string, string>>): string | null {
  const [first = '', ...parts] = authorization.split(',').map((part) => part.trim())
  const names = parts.map((part) => part.slice(0, part.indexOf('=')).trim().toLowerCase())
  const pairs = parts.map((part, at) => `${names[at]}=${part.slice(part.indexOf('=') + 1).trim()}`).sort()
  if (new Set(names).size !== 3 || parts.length !== 3) return null
  const said = body === '' ? 'nothing' : exactReading(body)
  return said === null ? null : JSON.stringify([method, target, first.replace(/^bearer +/i, ''), pairs, said])
}
