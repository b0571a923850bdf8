import { createCaller } from './call.ts'
import { createInvoiceMethods } from './invoices.ts'
import { createOauthClient } from './oauth.ts'
import { baseOf, type WebWalletOptions } from './options.ts'
import { member, pageOf, pathOf, queryOf, type Requests, segment } from './requests.ts'
import { createServerKeys } from './server-keys.ts'
import { createClientTokens } from './token.ts'
import { createTokenMethods } from './tokens.ts'
import { createTransport } from './transport.ts'
import type { Balance, HistoryPage, Receipt, Transaction, Wallet } from './types.ts'
import type { WebWallet } from './web-wallet.ts'

/**
 * A client of the WebWallet API, for Node, browsers and workers. It gets its access tokens by itself, or from a session of an
 * owner's consent; signs what it sends, and believes only what the server signed. Calls that change something carry an idempotency
 * key, so that they can be repeated, which the client does by itself a few times when no answer arrives.
 *
 * A public client has no signing secret. Its messages and answers are unsigned, so it talks over TLS, or to its own machine, and
 * throws a `TypeError` for any other address.
 */
export function createWebWallet(options: WebWalletOptions): WebWallet {
  const url = baseOf(options.url)
  if (options.signingSecret === undefined) requireTrustedConnection(url)
  const clock = options.clock ?? Date.now
  const send = createTransport(options)
  const tokens =
    'tokens' in options ? options.tokens : createClientTokens(createOauthClient(options), options.scope, clock)
  const call = createCaller(options, send, tokens)
  const requests: Requests = {
    read: (path) => call({ method: 'GET', path }),
    write: async (path, payload, { idempotencyKey = crypto.randomUUID() } = {}) =>
      (await call({ method: 'POST', path, payload, idempotencyKey })) as Receipt,
  }
  const { read, write } = requests

  const history: WebWallet['history'] = async (id, { after, ...query } = {}) =>
    pageOf(
      await read(`${pathOf(id)}/transactions${queryOf({ ...query, cursor: after })}`),
      'transactions',
    ) as HistoryPage

  const pay: WebWallet['pay'] = async ({ payer, ...params }, call) =>
    write(`${pathOf(payer ?? params.target)}/payments`, { endpoint: 'payments', ...params }, call)
  const charge: WebWallet['charge'] = async (params, call) =>
    write(`${pathOf(params.source)}/charges`, { endpoint: 'charges', ...params }, call)

  return {
    async wallet(id) {
      return (await read(pathOf(id))) as Wallet
    },
    async balance(id) {
      return member(await read(`${pathOf(id)}/balance`), 'balance') as Balance
    },
    history,
    async *transactions(id, page = {}) {
      let next = page.after ?? null
      do {
        const lines = await history(id, { ...page, ...(next === null ? {} : { after: next }) })
        yield* lines.transactions
        next = lines.next
      } while (next !== null)
    },
    async transaction(id, reference) {
      return member(await read(`${pathOf(id)}/transactions/${segment(reference)}`), 'transaction') as Transaction
    },

    pay,
    charge,
    async fund(params, call) {
      return write(`${pathOf(params.target)}/funds`, { endpoint: 'funds', ...params }, call)
    },
    async refill(params, call) {
      return write(`${pathOf(params.target)}/refills`, { endpoint: 'refills', ...params }, call)
    },
    async refund(params, call) {
      return write(`${pathOf(params.target)}/refunds`, { endpoint: 'refunds', ...params }, call)
    },

    ...createInvoiceMethods(requests, pay),
    ...createTokenMethods(
      requests,
      { pay, charge },
      {
        key: createServerKeys(`${url}/oauth/jwks`, send, clock),
        issuer: options.issuer ?? url,
        clock,
      },
    ),
  }
}

// Without a signature only the connection says who answered.
function requireTrustedConnection(url: string): void {
  const { protocol, hostname } = new URL(url)
  const local = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname)
  if (protocol === 'https:' || local) return
  throw new TypeError('Without a signing secret the server must be at an https: address, or on this machine')
}
