import { randomUUID } from 'node:crypto'
import type { TestContext } from 'node:test'
import jwt from 'jsonwebtoken'
import { json, type Loopback, type Reply, type Seen, startLoopback } from '../walleo/loopback.ts'

export const credentials = {
  apiKey: 'ABCD',
  apiSignature: 'a signature of thirty-two bytes, or more',
  clientSecret: 'a client secret',
}

type Voucher = { id: string; state: string; couponId: string; value: number; price: number } & Record<string, unknown>

export type Upstream = Loopback & {
  vouchers: Map<string, Voucher>
  /** Tokens that were given out, newest last. */
  tokens: string[]
  /** Machine tokens that are no longer taken. */
  ended: Set<string>
  notificationKeys: string[]
}

const next: Record<string, string> = { confirm: 'CONFIRMED', cancel: 'CANCELED', refund: 'REFUNDING' }

/** A small Jackpot of the test's own, whose tokens are read by `jsonwebtoken`. */
export async function startUpstream(t: TestContext): Promise<Upstream> {
  const sessions = new Map<string, { amount: number; voucher: string | null }>()
  const upstream: Omit<Upstream, keyof Loopback> = {
    vouchers: new Map(),
    tokens: [],
    ended: new Set(),
    notificationKeys: [],
  }

  function open(token: string): string | null {
    try {
      const claims = jwt.verify(token, credentials.apiSignature, { algorithms: ['HS256'] }) as {
        amount: number
        notificationKey: string
      }
      if (upstream.notificationKeys.includes(claims.notificationKey)) return null
      upstream.notificationKeys.push(claims.notificationKey)
      const bearer = `client-${randomUUID()}`
      sessions.set(bearer, { amount: claims.amount, voucher: null })
      upstream.tokens.push(bearer)
      return bearer
    } catch {
      return null
    }
  }

  function grant(body: Record<string, string>): Reply {
    if (body.client_id !== credentials.apiKey) return refusal(401, 'invalid_client')
    if (body.grant_type === 'client_credentials') {
      if (body.client_secret !== credentials.clientSecret) return refusal(401, 'invalid_client')
      const token = `machine-${randomUUID()}`
      upstream.tokens.push(token)
      return json(200, { access_token: token, token_type: 'Bearer', expires_in: 3600 })
    }
    const token = open(body.assertion ?? '')
    if (token === null) return refusal(400, 'invalid_grant')
    return json(200, { access_token: token, token_type: 'Bearer', expires_in: 3600 })
  }

  function answer({ method, target, headers, body }: Seen): Reply {
    const { pathname, searchParams: query } = new URL(target, 'http://upstream')
    const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? ''
    const session = sessions.get(bearer)
    const machine = bearer.startsWith('machine-') && upstream.tokens.includes(bearer) && !upstream.ended.has(bearer)
    if (pathname === '/v2/token') return grant(JSON.parse(body))
    if (pathname === '/token') {
      const { apiKey, initializationToken } = JSON.parse(body)
      const token = apiKey === credentials.apiKey ? open(initializationToken) : null
      return token === null ? refusal(400, 'invalid_grant') : json(200, { sessionToken: token, expiresIn: 3600 })
    }
    if (pathname === '/v2/stores') {
      return headers.apikey === credentials.apiKey || session ? json(200, [store]) : refusal(401, 'invalid_client')
    }
    const [, , kind, id = '', verb] = pathname.split('/')
    if (kind === 'voucher') {
      if (!machine) return refusal(401, 'invalid_token')
      const voucher = upstream.vouchers.get(id)
      if (!voucher) return refusal(404, 'voucher_not_found')
      if (method === 'PUT' && verb !== undefined) voucher.state = next[verb] as string
      return json(200, voucher)
    }
    if (!session) return refusal(401, 'invalid_token')
    if (pathname.endsWith('/proposed-vouchers')) {
      const price = Number(query.get('amount') ?? session.amount)
      return json(200, [{ storeId: 's-1', offerId: 'o-1', value: price * 1.1, price }])
    }
    if (method === 'GET') return json(200, { id: 'o-1', rate: 10 })
    const { price } = JSON.parse(body)
    const known = session.voucher === null ? null : (upstream.vouchers.get(session.voucher) as Voucher)
    if (known) return json(200, known)
    if (price > session.amount) return refusal(422, 'amount_exceeds_session')
    const voucher = {
      id: randomUUID(),
      state: 'RESERVED',
      couponId: 'ABCDEFGHIJ',
      value: price * 1.1,
      price,
      reservationDate: '2026-01-01T00:00:00.000Z',
    }
    session.voucher = voucher.id
    upstream.vouchers.set(voucher.id, voucher)
    return json(200, voucher)
  }

  const loopback = await startLoopback(t, answer)
  return Object.assign(upstream, loopback)
}

export const refusal = (status: number, error: string): Reply =>
  json(status, { error, error_description: `It is ${error}` })

export const store = { id: 's-1', name: 'Meubles', slug: 'meubles', voucherPossibleDiscreteValues: null }
