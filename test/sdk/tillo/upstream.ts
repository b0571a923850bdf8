import { createHmac, randomUUID } from 'node:crypto'
import type { TestContext } from 'node:test'
import { json, type Loopback, type Reply, type Seen, startLoopback } from '../walleo/loopback.ts'

export const credentials = { apiKey: 'abc-123', secret: 'deadbeef' }

type Body = Record<string, unknown> & { client_request_id: string; face_value: { amount: string; currency: string } }
type Sale = { id: string; reference: string; brand: string; amount: number; state: string; code: string }

export type Upstream = Loopback & {
  sales: Sale[]
  balance: number
  /** Request ids that are still at work, with the number of times that this is still said. */
  busy: Map<string, number>
  /** How often an order reads as `PROCESSING`. */
  readings: number
  /** The operations done, by their names here. */
  done: string[]
  timestamps: string[]
  signatures: string[]
}

/**
 * A small Tillo of the test's own: it checks signatures with nothing but node:crypto and a table of its own, keeps sales and a
 * float, and answers a request id that it knows with what it answered first.
 */
export async function startUpstream(t: TestContext): Promise<Upstream> {
  const answers = new Map<string, { content: string; reply: Reply }>()
  const upstream: Omit<Upstream, keyof Loopback> = {
    sales: [],
    balance: 500,
    busy: new Map(),
    readings: 0,
    done: [],
    timestamps: [],
    signatures: [],
  }
  const money = (amount: number, currency = 'GBP') => ({ amount, currency })
  const float = () => ({ float_balance: money(upstream.balance) })
  const saleOf = (id: unknown) => upstream.sales.find((sale) => sale.id === id || sale.reference === id)

  function sell({ client_request_id, brand, face_value }: Body, state: string): Reply {
    const amount = Number(face_value.amount)
    if (brand !== 'amazon') return refusal(400, '072', `The requested brand [${brand}] does not exist`)
    if (amount > upstream.balance) return refusal(422, '610', 'Too little')
    upstream.balance -= amount
    const sale = { id: client_request_id, reference: randomUUID(), brand, amount, state, code: 'SECRET-0001' }
    upstream.sales.push(sale)
    const { reference, code } = sale
    const data = { brand, face_value: money(amount), cost_value: money(amount * 0.95), reference, ...float() }
    return success(state === 'SUCCESS' ? { ...data, code, pin: null, discount: 5, barcode: null } : data)
  }

  function undo({ original_client_request_id: original }: Body): Reply {
    const sale = saleOf(original)
    if (!sale || sale.state === 'CANCELLED') return refusal(422, '100', 'You can only reverse issue')
    sale.state = 'CANCELLED'
    upstream.balance += sale.amount
    return success({ reference: sale.reference, ...float() })
  }

  function work(operation: string, body: Body): Reply {
    upstream.done.push(operation)
    switch (operation) {
      case 'POST digital/issue':
        return sell(body, 'SUCCESS')
      case 'POST digital/order-card':
        return sell(body, 'PROCESSING')
      case 'DELETE digital/issue':
      case 'POST digital/reverse':
        return undo(body)
      case 'POST digital/top-up':
        return success({ brand: body.brand, code: body.code, face_value: body.face_value, reference: randomUUID() })
      case 'POST digital/check-balance':
        return success({ face_value: money(saleOf(body.reference)?.amount ?? 0) })
      default:
        return success({ brand: body.brand, code: body.code, reference: randomUUID(), ...float() })
    }
  }

  function write(operation: string, seen: Seen): Reply {
    const body: Body = JSON.parse(seen.body)
    const id = body.client_request_id
    const content = JSON.stringify([operation, body.brand, body.face_value])
    const wait = upstream.busy.get(id) ?? 0
    if (wait > 0) {
      upstream.busy.set(id, wait - 1)
      return refusal(400, '729', 'Still processing')
    }
    const known = answers.get(id)
    if (known) return known.content === content ? known.reply : refusal(400, '708', 'Duplicate')
    const reply = work(operation, body)
    if (reply.status === 200) answers.set(id, { content, reply })
    return reply
  }

  function orderStatus(query: URLSearchParams): Reply {
    const sale = saleOf(query.get('reference') ?? query.get('original_client_request_id'))
    if (!sale || query.size !== 1) return refusal(422, '433', 'Unknown order', { reference: ['unknown'] })
    if (sale.state === 'PROCESSING' && upstream.readings-- <= 0) sale.state = 'SUCCESS'
    const { state: status, brand, reference, amount, code } = sale
    return success({ status, brand, reference, face_value: money(amount), ...(status === 'SUCCESS' ? { code } : {}) })
  }

  const loopback = await startLoopback(t, (seen) => {
    const [path = '', search = ''] = seen.target.replace('/api/v2/', '').split('?')
    const query = new URLSearchParams(search)
    const operation = `${seen.method} ${path}`
    if (!isProven(seen, path, query)) return refusal(401, '434', 'Authentication failed')
    upstream.timestamps.push(String(seen.headers.timestamp))
    upstream.signatures.push(String(seen.headers.signature))
    if (operation === 'GET digital/order-status') return orderStatus(query)
    if (operation === 'POST physical/order-status') {
      const { references } = JSON.parse(seen.body) as { references: string[] }
      return success(Object.fromEntries(references.map((reference) => [reference, { status: 'not found' }])))
    }
    if (operation === 'POST float/request-payment-transfer') {
      upstream.done.push(operation)
      const { float: name, currency, amount } = JSON.parse(seen.body)
      return success({ float: name, currency, amount, payment_reference: `PAY-${upstream.done.length}` })
    }
    return readings[operation] ?? write(operation, seen)
  })
  return Object.assign(upstream, loopback, { url: `${loopback.url}/api/v2` })
}

// The endpoints whose requests carry an id and a brand are all others.
const signsNothing = new Set(['physical/order-status', 'float/request-payment-transfer'])
const signsBrand = new Set(['brands', 'templates', 'template', 'check-stock'])

function isProven({ method, headers, body }: Seen, path: string, query: URLSearchParams): boolean {
  const { client_request_id: id, brand, face_value: value } = body === '' ? ({} as Body) : JSON.parse(body)
  const asked = signsBrand.has(path) ? query.get('brand') : null
  const simple = method === 'GET' ? [asked] : signsNothing.has(path) ? [] : [id, brand]
  const full = method === 'GET' || signsNothing.has(path) ? simple : [...simple, value?.currency, value?.amount]
  return [simple, full].some((fields) => {
    const present = fields.filter((field) => field !== undefined && field !== null)
    const text = [headers['api-key'], method, path.replaceAll('/', '-'), ...present, headers.timestamp].join('-')
    const expected = createHmac('sha256', credentials.secret).update(text).digest('hex')
    return expected === headers.signature && Math.abs(Date.now() - Number(headers.timestamp)) <= 300_000
  })
}

export const success = (data: unknown): Reply => json(200, { code: '000', status: 'success', message: 'Done', data })
export const refusal = (http: number, code: string, message: string, data?: unknown): Reply =>
  json(http, { code, status: 'error', message, ...(data === undefined ? {} : { data }) })

export const brand = {
  slug: 'amazon',
  name: 'Amazon',
  type: 'gift-card',
  status: { code: 'ENABLED' },
  currency: 'GBP',
  discount: 5,
  transaction_types: ['digital_issuance'],
  delivery_methods: ['code'],
  gc_pool: true,
  async_only: false,
  digital_face_value_limits: { lower: 1, upper: 150, minor_unit: '0.01' },
}
export const promotion = { code: 'ABC1234', name: 'Spring', discount: 2.5, priority: null, restrictions: null }
export const transfer = {
  float: 'universal-float',
  requested: { currency: 'GBP', amount: '100.00' },
  approved: null,
  payment_reference: 'PAY-1',
  status: 'pending',
  created_at: '2026-01-02T03:04:05Z',
}
const at = { last_refreshed_at: '2026-01-02T03:04:05Z' }

const readings: Record<string, Reply> = {
  'GET brands': success({ brands: { amazon: brand }, ...at }),
  'GET templates': success({ templates: { amazon: { birthday: 3 }, empty: [] }, ...at }),
  'GET template': {
    status: 200,
    headers: { 'content-type': 'application/zip', 'content-disposition': 'attachment; filename="amazon.zip"' },
    body: new Uint8Array([0x50, 0x4b, 5, 6, ...new Array(18).fill(0)]),
  },
  'GET promotions': success({ standard: { amazon: [promotion] }, ...at }),
  'GET check-stock': success({ amazon: { '10.00': 'OUT', '25.00': '7' }, empty: [] }),
  'GET check-floats': json(200, {
    code: '000',
    status: 'success',
    data: { floats: { GBP: { 'universal-float': { available_balance: 500.5, pending_payments: 0 } }, EUR: [] }, ...at },
  }),
  'GET float/transfer-requests': success([transfer]),
}
