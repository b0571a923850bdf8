import { createHmac, randomUUID } from 'node:crypto'
import { tilloHeaders, tilloParts, tilloStringToSign } from '#sdk/tillo/signing.ts'
import { decodeWalleoKey, walleoAuthorization, walleoPayload, walleoStringToSign } from '#sdk/walleo/signing.ts'
import type { SandboxFile } from '../src/operations/fill-sandbox.ts'
import type { LoadOrder } from './orders.ts'

/** Makers of whole requests that buy a card each, signed as a partner signs them, with keys that are hashed once. */
export function cardRequests({ port, brand }: LoadOrder, { walleo, tillo }: SandboxFile) {
  const host = `127.0.0.1:${port}`
  const { code, value, currency } = brand ?? { code: 'IKEAFR', value: 5, currency: 'EUR' }
  const hmac = (key: Uint8Array | string, text: string) => createHmac('sha256', key).update(text).digest('hex')
  const post = (path: string, headers: Record<string, string>, body: string) => {
    const lines = Object.entries({ host, ...headers, 'content-length': Buffer.byteLength(body) })
    return Buffer.from(
      `POST ${path} HTTP/1.1\r\n${lines.map(([name, it]) => `${name}: ${it}\r\n`).join('')}\r\n${body}`,
    )
  }
  const sharedKey = decodeWalleoKey(walleo.shared_key)
  const walleoBody = walleoPayload({ card: { amount: value, gift_card_code: code } })

  return {
    walleo() {
      const { api_key: apiKey, identifier } = walleo
      const timestamp = Math.floor(Date.now() / 1000)
      const url = `http://${host}/partners/v1/cards`
      const text = walleoStringToSign({ method: 'POST', url, payload: walleoBody, identifier, timestamp })
      const signature = hmac(sharedKey, text)
      const headers = {
        authorization: walleoAuthorization({ apiKey, identifier, signature, timestamp }),
        'content-type': 'application/json',
        'x-requestid': randomUUID(),
      }
      return post('/partners/v1/cards', headers, walleoBody)
    },
    tillo() {
      const id = randomUUID()
      const timestamp = Date.now()
      const values = { client_request_id: id, brand: code }
      const parts = tilloParts({
        apiKey: tillo.api_key,
        operation: 'digitalIssue',
        values,
        form: 'simplified',
        timestamp,
      })
      const signature = hmac(tillo.secret, tilloStringToSign(parts))
      const body = JSON.stringify({
        ...values,
        face_value: { amount: value.toFixed(2), currency },
        delivery_method: 'code',
        fulfilment_by: 'partner',
        sector: 'marketplace',
      })
      return post('/api/v2/digital/issue', tilloHeaders({ apiKey: tillo.api_key, signature, timestamp }), body)
    },
  }
}
