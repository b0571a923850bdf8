import { setTimeout as delay } from 'node:timers/promises'
import { type Answer, createCaller, grantToken, opened } from '../../test/support/wallet-client.ts'
import { type Place, WALLETS } from './place.ts'

/** One payment that a caller wants done once, whatever it takes. */
export type Wish = {
  key: string
  source: string
  target: string
  cents: number
  /** the definite answers to the wish and to its altered twin that are no conflicts */
  answers: Answer[]
  conflicts: number
  /** attempts that ended without a definite answer */
  indefinite: number
  /** when the first definite answer came; ms of the monotonic clock */
  answeredAt: number
}

export type Bank = {
  wishes: Map<string, Wish>
  /** refusals that nothing explains */
  strange: string[]
  /** No more wishes; each that was begun gets its answer. @throws when one has none after so long */
  finish(): Promise<void>
  /** Whether this server decides a payment now: one that is refused for want of funds, and so moves nothing. */
  decides(server: number, within?: number): Promise<boolean>
}

const PATIENCE = 90_000

/**
 * Callers who pay between eight wallets, through either server as it comes: each wish is sent up to three times at once, now and
 * then with another amount under the same key, and what gets no definite answer is sent again under its key until it does.
 */
export function startBank(
  place: Place,
  { callers = 20, timeout = 10_000, pause = 0 }: { callers?: number; timeout?: number; pause?: number } = {},
): Bank {
  const wishes = new Map<string, Wish>()
  const strange: string[] = []
  const tokens = new Map<string, Promise<string>>()
  let stopping = false
  const pick = (n: number) => Math.floor(Math.random() * n)
  const { id, secret, signingSecret } = place.client

  const tokenOf = (url: string): Promise<string> => {
    const token = tokens.get(url) ?? grantToken(url, id, secret)
    tokens.set(url, token)
    token.catch(() => tokens.delete(url))
    return token
  }

  /** null: not a definite answer */
  async function attempt(
    wish: Pick<Wish, 'key' | 'source' | 'target'>,
    cents: number,
    server = pick(place.urls.length),
    within = timeout,
  ): Promise<Answer | null> {
    const url = place.urls[server] as string
    try {
      const caller = createCaller(url, { id, signingSecret, token: await tokenOf(url) })
      const { source, target, key } = wish
      const payload = { endpoint: 'payments', target, amount: (cents / 100).toFixed(2), currency: 'USD' }
      const patience = new AbortController()
      const late = delay(within, null, { signal: patience.signal }).catch(() => null)
      const posted = caller.post(`/${source}/payments`, payload, { 'idempotency-key': key })
      posted.catch(() => {})
      const answer = await Promise.race([posted, late]).finally(() => patience.abort())
      if (answer?.status === 401) tokens.delete(url)
      if (answer === null || answer.status === 401 || answer.status >= 500) return null
      return answer
    } catch {
      return null
    }
  }

  function keep(wish: Wish, answer: Answer | null): void {
    if (answer === null) wish.indefinite++
    else if (answer.status === 409) wish.conflicts++
    else {
      wish.answeredAt ||= performance.now()
      wish.answers.push(answer)
      if (answer.status === 200) return
      const code = opened(answer, signingSecret).error?.code
      if (`${answer.status} ${code}` !== '422 unavailable-funds') strange.push(`${answer.status} ${answer.text}`)
    }
  }

  async function work(caller: number): Promise<void> {
    for (let i = 0; !stopping; i++) {
      const from = pick(WALLETS.length)
      const wish: Wish = {
        key: `wish-${caller}-${i}`,
        source: WALLETS[from] as string,
        target: WALLETS[(from + 1 + pick(WALLETS.length - 1)) % WALLETS.length] as string,
        cents: 1 + pick(900),
        answers: [],
        conflicts: 0,
        indefinite: 0,
        answeredAt: 0,
      }
      wishes.set(wish.key, wish)
      const amounts = [...Array(1 + pick(3)).fill(wish.cents), ...(pick(6) === 0 ? [wish.cents + 1] : [])]
      const first = await Promise.all(amounts.map((cents) => attempt(wish, cents)))
      for (const answer of first) keep(wish, answer)
      const until = performance.now() + PATIENCE
      while (wish.answers.length === 0) {
        if (performance.now() > until) throw new Error(`${wish.key} never got its answer`)
        await delay(20 + pick(30))
        // Which of the two amounts was first under the key is what has to be learnt.
        const [cents = wish.cents] = amounts.length > 1 && pick(2) === 0 ? amounts.slice(-1) : amounts
        keep(wish, await attempt(wish, cents))
      }
      if (pause > 0) await delay(pause)
    }
  }

  const working = Promise.all(Array.from({ length: callers }, (_, i) => work(i)))
  working.catch(() => {})
  return {
    wishes,
    strange,
    async finish() {
      stopping = true
      await working
    },
    async decides(server, within) {
      const [source, target] = WALLETS as readonly [string, string]
      const answer = await attempt({ key: `probe-${crypto.randomUUID()}`, source, target }, 9_999_999, server, within)
      return answer?.status === 422
    },
  }
}
