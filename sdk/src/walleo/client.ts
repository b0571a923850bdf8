import { createSend, HttpFailure } from '../protocol/http.ts'
import { type Attempt, sleep, untilSettled } from '../protocol/repeat.ts'
import type { Check } from '../protocol/shape.ts'
import { type CallFacts, readAttempt } from './answer.ts'
import { WalleoError } from './error.ts'
import { walleoReadings } from './readings.ts'
import { balanceAnswer, cardAnswer, giftCard, giftCards, inventoryAnswer, pullRequestAnswer } from './shapes.ts'
import { importWalleoKey, signWalleoRequest } from './signing.ts'
import type { Walleo, WalleoOptions, WalleoPurchase, WalleoReadOptions } from './types.ts'
import { type WalleoCard, type WalleoPullRequest, walleoRequestIdHeader } from './wire.ts'

/**
 * A client of Walleo's partners API, the vendor's or a Billfold's. What creates something carries a request id and is repeated
 * with it, each time under a new timestamp and signature, until an answer arrives or the options' limits are reached.
 *
 * Throws a `TypeError` for credentials that can't stand in a header. Keep them on a server: whoever has them spends the balance.
 */
export function createWalleo(options: WalleoOptions): Walleo {
  const base = options.url.replace(/\/+$/, '')
  const { apiKey, identifier } = options
  requireHeaderText('API key', apiKey)
  requireHeaderText('identifier', identifier)
  const clock = options.clock ?? Date.now
  const send = createSend({ fetch: options.fetch, timeout: options.timeout ?? 10_000 })
  const policy = {
    repeat: { times: 2, delay: 200, ...options.retry },
    comeBack: { ...walleoReadings.comeBack, patience: 300_000, ...options.comeBack },
  }
  let imported: Promise<CryptoKey> | undefined

  type Call<T> = {
    path: string
    shape: Check<T>
    create?: { body: object; requestId: string; header: boolean }
    /** The request id of a purchase that the call only asks about: when it fails, the purchase may have been made all the same. */
    about?: string
    signal?: AbortSignal | undefined
  }

  async function attempt<T>(
    { path, shape, create, about, signal }: Call<T>,
    earlier: 'no' | 'unknown',
  ): Promise<Attempt<T>> {
    imported ??= importWalleoKey(options.sharedKey)
    const signed = await signWalleoRequest(
      { method: create ? 'POST' : 'GET', url: base + path, ...(create ? { body: create.body } : {}) },
      { apiKey, identifier, key: await imported },
      Math.floor(clock() / 1000),
    )
    if (create?.header) signed.headers[walleoRequestIdHeader] = create.requestId
    const answer = await send(signed, signal).catch((failure: unknown) => {
      if (failure instanceof HttpFailure) return failure
      throw failure
    })
    const facts: CallFacts = {
      requestId: create?.requestId ?? about ?? null,
      kind: create ? 'write' : 'read',
      earlier: about === undefined ? earlier : 'unknown',
    }
    return readAttempt(answer, shape, facts)
  }

  const call = <T>(request: Call<T>): Promise<T> =>
    untilSettled((earlier) => attempt(request, earlier.applied), policy, request.signal)

  const pullRequest: Walleo['pullRequest'] = async (requestId, { signal } = {}) =>
    (
      await call({
        path: `/pull_requests/${segment(requestId)}`,
        shape: pullRequestAnswer,
        about: requestId,
        signal,
      })
    ).pull_request

  return {
    async createCard(purchase, { requestId = crypto.randomUUID(), signal } = {}) {
      const body = { card: readPurchase(purchase) }
      requireHeaderText('request id', requestId)
      const { card } = await call({
        path: '/cards',
        shape: cardAnswer,
        create: { body, requestId, header: true },
        signal,
      })
      if (isCardFor(card, body.card)) return card
      throw mismatch(requestId)
    },
    async card(id, { signal } = {}) {
      return (await call({ path: `/cards/${segment(id)}`, shape: cardAnswer, signal })).card
    },
    async createPullRequest(purchase, { requestId = crypto.randomUUID(), signal } = {}) {
      const wanted = readPurchase(purchase)
      requireHeaderText('request id', requestId)
      const create = { body: { pull_request: { ...wanted, request_id: requestId } }, requestId, header: false }
      const request = { path: '/pull_requests', shape: pullRequestAnswer, create, signal }
      const answered = await untilSettled<{ pull_request: WalleoPullRequest } | null>(
        async ({ applied }) => {
          const outcome = await attempt(request, applied)
          // The server has the pull request, so it can be read: no need to wait for its end.
          if (!outcome.done && outcome.error instanceof WalleoError && outcome.error.code === 'come_back_later') {
            return { done: true, value: null }
          }
          return outcome
        },
        policy,
        signal,
      )
      if (answered === null) return pullRequest(requestId, signal ? { signal } : {})
      const { pull_request: pull } = answered
      if (pull.request_id === requestId && (pull.card === null || isCardFor(pull.card, wanted))) return pull
      throw mismatch(requestId)
    },
    pullRequest,
    async awaitPullRequest(requestId, { interval = 2_000, patience = 300_000, ...reading } = {}) {
      for (let waited = 0; ; waited += interval) {
        const card = cardOf(await pullRequest(requestId, reading), requestId)
        if (card !== null) return card
        if (waited + interval > patience) {
          const message = 'The pull request is still waiting'
          throw new WalleoError('still-waiting', message, { status: 200, requestId, applied: 'unknown' })
        }
        await sleep(interval, reading.signal)
      }
    },
    giftCards: ({ signal }: WalleoReadOptions = {}) => call({ path: '/gift_cards', shape: giftCards, signal }),
    giftCard: async (code, { signal } = {}) => call({ path: `/gift_cards/${segment(code)}`, shape: giftCard, signal }),
    inventory: async (code, { signal } = {}) =>
      (await call({ path: `/inventories/${segment(code)}`, shape: inventoryAnswer, signal })).inventories,
    balance: async ({ signal } = {}) =>
      (await call({ path: walleoReadings.balancePath, shape: balanceAnswer, signal })).balance,
  }
}

function readPurchase({ amount, gift_card_code }: WalleoPurchase): WalleoPurchase {
  if (!Number.isSafeInteger(amount) || amount <= 0) {
    throw new TypeError('An amount is a positive integer of whole currency units')
  }
  if (typeof gift_card_code !== 'string' || !gift_card_code.isWellFormed()) {
    throw new TypeError('A gift card code is a text')
  }
  return { amount, gift_card_code }
}

const isCardFor = (card: WalleoCard, wanted: WalleoPurchase) =>
  card.amount === wanted.amount && card.gift_card_code === wanted.gift_card_code

const mismatch = (requestId: string) =>
  new WalleoError('answer-mismatch', 'The answer belongs to another request: was its id used before?', {
    status: 200,
    requestId,
    applied: 'unknown',
  })

/** The card of a pull request that has one; null while it waits. */
function cardOf({ status, card, errors = [] }: WalleoPullRequest, requestId: string): WalleoCard | null {
  if (status === 'waiting') return null
  if (status === 'success' && card !== null) return card
  const [first] = errors
  const facts = { status: 200, requestId, errors }
  if (status === 'success') {
    throw new WalleoError('answer-malformed', 'A success without a card', { ...facts, applied: 'unknown' })
  }
  throw new WalleoError('pull-failed', first?.message ?? 'The pull request failed', { ...facts, applied: 'no' })
}

// One segment of a path: a text such as `..` would lead elsewhere.
function segment(text: string): string {
  if (/^\.{0,2}$/.test(text) || !text.isWellFormed()) throw new TypeError(`${JSON.stringify(text)} names nothing`)
  return encodeURIComponent(text)
}

function requireHeaderText(name: string, value: string): void {
  if (!/^[!-+\--~]{1,255}$/.test(value)) throw new TypeError(`The ${name} is not 1 to 255 visible ASCII characters`)
}
