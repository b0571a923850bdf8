import { setTimeout as delay } from 'node:timers/promises'
import { call, issueBody } from '../../test/protocols/tillo/harness.ts'
import type { Place } from './place.ts'

/** One card that a partner wants once. */
type Order = { requestId: string; code: string | null; indefinite: number }

export type CardSale = {
  orders: Order[]
  strange: string[]
  /** No more orders; each that was begun gets its card. */
  finish(): Promise<void>
  /** Holds what the buyers were told against what the database has. Once, after `finish`. */
  verify(): Promise<CardVerdict>
}

export type CardVerdict = { sold: number; indefinite: number; lost: number; doubled: number; wrong: string[] }

const PATIENCE = 90_000
const [BRAND, FACE] = ['amazon', '5.00']
const FLOAT = `
select a.balance from account a join partner_float f on f.wallet_id = a.id
join asset s on s.id = a.asset_id join partner p on p.id = f.partner_id where s.code = 'GBP' and p.slug = 'sandbox'`

/**
 * Partners' programs that buy gift cards in Tillo's protocol through either server: each order is sent once or twice at once and
 * again under its id until it is answered; now and then its id is used for another value, which must be refused.
 */
export async function startCardSale(
  place: Place,
  { buyers = 3, timeout = 10_000, pause = 20, clock = Date.now } = {},
): Promise<CardSale> {
  const orders: Order[] = []
  const strange: string[] = []
  let stopping = false
  const pick = (n: number) => Math.floor(Math.random() * n)
  const body = (requestId: string, face = FACE) => issueBody(BRAND, face, { client_request_id: requestId })

  async function attempt(requestId: string, face?: string) {
    const url = place.urls[pick(place.urls.length)] as string
    const patience = new AbortController()
    const late = delay(timeout, null, { signal: patience.signal }).catch(() => null)
    const sent = call(url, place.partner, 'POST', 'digital/issue', body(requestId, face), { timestamp: clock() })
    sent.catch(() => {})
    const answer = await Promise.race([sent, late])
      .catch(() => null)
      .finally(() => patience.abort())
    return answer === null || answer.status >= 500 ? null : answer
  }

  async function buy(): Promise<void> {
    while (!stopping) {
      const order: Order = { requestId: crypto.randomUUID(), code: null, indefinite: 0 }
      orders.push(order)
      const until = performance.now() + PATIENCE
      while (order.code === null) {
        const answers = await Promise.all(Array.from({ length: 1 + pick(2) }, () => attempt(order.requestId)))
        for (const answer of answers) {
          if (answer?.json?.code !== '000') {
            order.indefinite++
            if (answer) strange.push(`${answer.status} ${answer.text}`)
          } else {
            if (order.code !== null && order.code !== answer.json.data.code)
              strange.push(`${order.requestId}: two codes`)
            order.code = answer.json.data.code
          }
        }
        if (order.code !== null) break
        if (performance.now() > until || strange.length > 100) throw new Error(`${order.requestId} got no card`)
        await delay(20 + pick(30))
      }
      if (pick(5) === 0) {
        const altered = await attempt(order.requestId, '6.00')
        if (altered && altered.json?.code !== '708') strange.push(`altered: ${altered.status} ${altered.text}`)
      }
      if (pause > 0) await delay(pause)
    }
  }

  const floatNow = async () => (await place.db.query<{ balance: bigint }>(FLOAT))[0]?.balance as bigint
  const full = await floatNow()
  const first = crypto.randomUUID()
  // What a card costs is known only when the first one was sold, however long that takes.
  for (const until = performance.now() + PATIENCE; !(await attempt(first))?.json?.data?.code; await delay(100))
    if (performance.now() > until) throw new Error('the first card was never sold')
  const start = await floatNow()
  const price = full - start
  const buying = Promise.all(Array.from({ length: buyers }, buy))
  buying.catch(() => {})

  return {
    orders,
    strange,
    async finish() {
      stopping = true
      await buying
    },
    async verify() {
      const wrong = [...strange]
      const rows = await place.db.query<{ request_id: string; status: string; cards: bigint }>(
        `select o.request_id, o.status, (select count(*) from card c where c.order_id = o.id) as cards
         from gift_order o where o.request_id = any($1)`,
        [orders.map(({ requestId }) => requestId)],
      )
      const found = Map.groupBy(rows, ({ request_id: id }) => id)
      const codes = new Set<string>()
      const verdict = { sold: orders.length, indefinite: 0, lost: 0, doubled: 0, wrong }
      for (const { requestId, code, indefinite } of orders) {
        verdict.indefinite += indefinite
        codes.add(code as string)
        const there = found.get(requestId) ?? []
        if (there.length === 0) verdict.lost++
        if (there.length > 1) verdict.doubled++
        const [only] = there
        if (only?.status !== 'succeeded' || only.cards !== 1n)
          wrong.push(`${requestId}: ${JSON.stringify(only?.status)}`)
      }
      // The same card again for who asks again.
      for (const { requestId, code } of orders.filter((_, i) => i % 37 === 0)) {
        const again = await attempt(requestId)
        if (again?.json?.data?.code !== code) wrong.push(`${requestId}: another card the second time: ${again?.text}`)
      }
      if (codes.size !== orders.length) wrong.push(`${orders.length} orders got ${codes.size} codes`)
      const paid = start - (await floatNow())
      if (paid !== price * BigInt(orders.length))
        wrong.push(`the float paid ${paid}, and ${orders.length} x ${price} are due`)
      return verdict
    },
  }
}
