import { createHmac, randomUUID } from 'node:crypto'
import type { TestContext } from 'node:test'
import { json, type Loopback, type Reply, type Seen, startLoopback } from './loopback.ts'

export const credentials = {
  apiKey: 'rKc1oJFfEzf0HRbNzLjcvEKijkAFfSL5BYhI-Usidd5PARuHZaSRAL_2eSPOZrT-',
  identifier: 'b5245bbc-8ee7-4e55-92e0-b97e81085154',
  sharedKey: '6F2CE47010CF4F79B9767042BAFB1EB4',
}

type Card = { id: string; amount: number; gift_card_code: string } & Record<string, unknown>
type Pull = { id: string; status: string; request_id: string; card: Card | null } & Record<string, unknown>

export type Upstream = Loopback & {
  cards: Map<string, Card>
  pulls: Map<string, Pull>
  /** Request ids that are still at work, with the number of times that this is still said. */
  busy: Map<string, number>
  /** How often a pull request reads as `waiting`. */
  readings: number
  balance: number
  timestamps: string[]
  signatures: string[]
}

/**
 * A small Walleo of the test's own: it checks signatures with nothing but node:crypto, keeps cards, and answers a request id that
 * it knows with what it answered first.
 */
export async function startUpstream(t: TestContext, clock: () => number = Date.now): Promise<Upstream> {
  const answers = new Map<string, Reply>()
  const upstream: Omit<Upstream, keyof Loopback> = {
    cards: new Map(),
    pulls: new Map(),
    busy: new Map(),
    readings: 0,
    balance: 500,
    timestamps: [],
    signatures: [],
  }

  function buy({ amount, gift_card_code }: { amount: number; gift_card_code: string }): Card | Reply {
    if (gift_card_code !== 'IKEAFR') return refusal(404, 'gift_card_not_found')
    if (amount > upstream.balance) return refusal(422, 'not_enough_funds')
    upstream.balance -= amount
    const card = {
      id: randomUUID(),
      code: `CODE-${upstream.cards.size}`,
      expire_at: '2030-06-24T00:00:00.000+02:00',
      pin_code: '1234',
      amount,
      gift_card_code,
      pdf_url: null,
    }
    upstream.cards.set(card.id, card)
    return card
  }

  function post(path: string, seen: Seen): Reply {
    const body = JSON.parse(seen.body)
    const requestId: string = body.pull_request?.request_id ?? seen.headers['x-requestid']
    const wait = upstream.busy.get(requestId) ?? 0
    const known = answers.get(requestId)
    if (wait > 0) {
      upstream.busy.set(requestId, wait - 1)
      return refusal(422, 'come_back_later')
    }
    if (known) return known
    let answer: Reply
    const bought = buy(body.card ?? body.pull_request)
    if ('status' in bought && 'body' in bought) answer = bought as Reply
    else if (path === '/cards') answer = json(200, { card: bought })
    else {
      const now = '2026-01-02T03:04:05.000Z'
      const pull = { id: randomUUID(), status: 'waiting', request_id: requestId, created_at: now, updated_at: now }
      upstream.pulls.set(requestId, { ...pull, card: bought as Card })
      answer = json(200, { pull_request: { ...pull, amount_cents: 5000, card: null } })
    }
    answers.set(requestId, answer)
    return answer
  }

  function get(path: string): Reply {
    const [, kind, name = ''] = path.split('/').map(decodeURIComponent)
    const card = upstream.cards.get(name)
    const pull = upstream.pulls.get(name)
    if (path === '/gift_cards') return json(200, [giftCard])
    if (path === '/balance') return json(200, { balance: { amount_cents: upstream.balance * 100, currency: 'EUR' } })
    if (kind === 'gift_cards') return name === 'IKEAFR' ? json(200, giftCard) : refusal(404, 'gift_card_not_found')
    if (kind === 'inventories' && name === 'IKEAFR') return json(200, { inventories: inventory })
    if (kind === 'cards') return card ? json(200, { card }) : refusal(404, 'card_not_found')
    if (!pull) return refusal(404, 'pull_request_not_found')
    if (upstream.readings-- > 0) return json(200, { pull_request: { ...pull, card: null } })
    return json(200, { pull_request: { ...pull, status: pull.card ? 'success' : 'error' } })
  }

  const loopback = await startLoopback(t, (seen) => {
    const host = `http://${seen.headers.host}`
    const proof = prove(seen, host, clock() / 1000)
    if (proof === null) return refusal(401, 'invalid_signature')
    upstream.timestamps.push(proof.timestamp)
    upstream.signatures.push(proof.signature)
    const path = seen.target.replace('/partners/v1', '')
    return seen.method === 'POST' ? post(path, seen) : get(path)
  })
  return Object.assign(upstream, loopback, { url: `${loopback.url}/partners/v1` })
}

function prove(seen: Seen, host: string, now: number) {
  const header =
    /^Bearer (\S+), Id=(\S+), Signature=([0-9a-f]{64}), Timestamp=(\d+)$/.exec(seen.headers.authorization ?? '') ?? []
  const [, apiKey, identifier, signature = '', timestamp = ''] = header
  const payload = seen.body === '' ? '' : `${JSON.stringify(sorted(JSON.parse(seen.body)))}+`
  const text = `${seen.method}+${host}${seen.target}+${payload}${identifier}+${timestamp}`
  const expected = createHmac('sha256', Buffer.from(credentials.sharedKey, 'hex')).update(text).digest('hex')
  const fits = expected === signature && apiKey === credentials.apiKey && identifier === credentials.identifier
  return fits && Math.abs(now - Number(timestamp)) <= 300 ? { signature, timestamp } : null
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  )
}

const words: Record<number, string> = { 401: 'unauthorized', 404: 'not_found', 422: 'unprocessable_entity' }
export const refusal = (status: number, code: string, message = `It is ${code}`): Reply =>
  json(status, { errors: [{ code, message }], status: words[status] })

export const giftCard = {
  name: 'Ikea',
  code: 'IKEAFR',
  barcode_symbology: 'code128',
  discount: 3.5,
  code_pin: true,
  validity_period: 365,
  facial_values: { type: 'free', min_amount: 5, max_amount: 500, step_amount: 5 },
}

export const inventory = {
  gift_card: { code: 'IKEAFR', name: 'Ikea' },
  end_to_end_api: { enabled: true, available_amount: 'unlimited' },
  stocks: [{ facial_value: 50, owned_quantity: 5, shared_quantity: 0 }],
}
