import { importSigningKey, signEnvelope } from '../protocol/envelope.ts'
import type { JsonObject } from '../protocol/exact-json.ts'
import { normaliseWalletId } from '../protocol/wallet-id.ts'
import { readAnswer } from './answer.ts'
import { WebWalletError } from './error.ts'
import { createTokenSource } from './token.ts'
import { createTransport } from './transport.ts'
import type { Balance, HistoryPage, Receipt, Transaction, Wallet, WebWallet, WebWalletOptions } from './types.ts'

/**
 * A client of the WebWallet API, for Node, browsers and workers. It gets its access tokens by itself, signs what it sends, and
 * believes only what the server signed. Calls that move money carry an idempotency key, so that they can be repeated, which the
 * client does by itself a few times when no answer arrives.
 */
export function createWebWallet(options: WebWalletOptions): WebWallet {
  const url = options.url.replace(/\/+$/, '')
  const send = createTransport(options)
  const tokens = createTokenSource(url, options, send, options.clock ?? Date.now)
  let signingKey: Promise<CryptoKey> | undefined

  type Call = { method: 'GET' | 'POST'; path: string; payload?: object; idempotencyKey?: string }

  async function call({ method, path, payload, idempotencyKey }: Call): Promise<JsonObject> {
    signingKey ??= importSigningKey(options.signingSecret)
    const key = await signingKey
    const body = payload === undefined ? undefined : await signEnvelope(payload, key)
    for (let fresh = false; ; fresh = true) {
      const token = await tokens.get()
      const answer = await send({
        method,
        url: url + path,
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body }),
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      })
      // Browsers hide the header unless the server exposes it; the body then tells.
      const tokenRefused =
        answer.status === 401 && /invalid[_-]token/.test(`${answer.header('www-authenticate')} ${answer.text}`)
      if (tokenRefused) tokens.drop(token)
      if (!tokenRefused || fresh) {
        return readAnswer(answer, key, {
          ...(payload === undefined ? {} : { payload }),
          ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
        })
      }
    }
  }

  const read = (path: string) => call({ method: 'GET', path })
  const write = async (path: string, payload: object, idempotencyKey: string = crypto.randomUUID()) =>
    (await call({ method: 'POST', path, payload, idempotencyKey })) as Receipt

  return {
    async wallet(id) {
      return (await read(pathOf(id))) as Wallet
    },
    async balance(id) {
      return member(await read(`${pathOf(id)}/balance`), 'balance') as Balance
    },
    async fund(params, { idempotencyKey } = {}) {
      return write(`${pathOf(params.target)}/funds`, { endpoint: 'funds', ...params }, idempotencyKey)
    },
    async pay({ payer, ...params }, { idempotencyKey } = {}) {
      return write(`${pathOf(payer ?? params.target)}/payments`, { endpoint: 'payments', ...params }, idempotencyKey)
    },
    async history(id, { after, limit } = {}) {
      const query = new URLSearchParams()
      if (limit !== undefined) query.set('limit', String(limit))
      if (after !== undefined) query.set('cursor', after)
      const payload = await read(`${pathOf(id)}/transactions?${query}`)
      const transactions = member(payload, 'transactions') as HistoryPage['transactions']
      return { transactions, next: (payload.next as string | null | undefined) ?? null }
    },
    async transaction(id, reference) {
      if (/^\.{0,2}$/.test(reference)) throw new TypeError(`${JSON.stringify(reference)} is no reference`)
      const payload = await read(`${pathOf(id)}/transactions/${encodeURIComponent(reference)}`)
      return member(payload, 'transaction') as Transaction
    },
  }
}

// Checked before it becomes part of a URL: a text such as `..` would lead elsewhere. Sent in one spelling.
const pathOf = (walletId: string) => `/${normaliseWalletId(walletId)}`

function member(payload: JsonObject, name: string): unknown {
  const value = payload[name]
  if (typeof value === 'object' && value !== null) return value
  throw new WebWalletError('answer-malformed', `The answer carries no ${name}`, { status: 200 })
}
