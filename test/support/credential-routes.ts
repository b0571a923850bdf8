import { setRefillPolicy } from '../../src/operations/set-refill-policy.ts'
import { holderRoutes, walletRoutes } from '../../src/protocols/webwallet/routes.ts'
import type { SandboxServer } from './server.ts'
import type { Caller } from './wallet-client.ts'

export const PAYER = 'desk:payer:USD'
export const PAYEE = 'desk:payee:USD'
export const CHILD = 'desk:child:USD'

/** One wallet route, and a request to it that succeeds with the right credentials. */
export type MatrixRoute = {
  name: string
  method: string
  path: string
  endpoint: string
  /** null: the route takes no body */
  payload: object | null
  /** whether the request is known to succeed; a route that has no example yet is in the matrix all the same */
  known: boolean
}

/**
 * Every route of the wallet API, from its own tables, so that a new endpoint is in the matrix by itself. Where the table of examples
 * does not know it, its request is a guess: good enough for whatever must be refused before the payload is looked at.
 */
export async function listRoutes(server: SandboxServer, till: Caller): Promise<MatrixRoute[]> {
  const examples = await makeExamples(server, till)
  const routes: MatrixRoute[] = []
  const add = (prefix: string, table: typeof walletRoutes, holder: boolean) => {
    for (const [endpoint, handlers] of Object.entries(table)) {
      for (const method of Object.keys(handlers)) {
        const example = examples[`${method} ${endpoint}`]
        const { wallet = PAYER, item = 'x', payload = guess(endpoint) } = example ?? {}
        const [namespace, number] = wallet.split(':')
        const owner = holder ? `${namespace}/${number}` : wallet
        const path = `${prefix}/${owner}${endpoint && `/${endpoint.replace(':reference', item)}`}`
        routes.push({
          name: `${method} ${prefix}/${holder ? ':walletNamespace/:walletNumber' : ':walletID'}/${endpoint}`,
          method,
          path,
          endpoint,
          payload: method === 'POST' ? payload : null,
          known: example !== undefined,
        })
      }
    }
  }
  for (const prefix of ['', '/wallets']) {
    add(prefix, walletRoutes, false)
    add(prefix, holderRoutes, true)
  }
  return routes
}

type Example = { wallet?: string; item?: string; payload?: object }

const amount = { amount: 1, currency: 'USD' }
const guess = (endpoint: string) => ({
  endpoint: endpoint.replace('/:reference', ''),
  source: PAYER,
  target: PAYEE,
  ...amount,
})

/** Makes what the requests refer to: a payment to refund, invoices, a token to revoke, a refill policy. */
async function makeExamples(server: SandboxServer, till: Caller): Promise<Record<string, Example>> {
  const paid = await till.done(`/${PAYER}/payments`, { endpoint: 'payments', target: PAYEE, ...amount })
  const billed = { endpoint: 'invoices', target: PAYER, issuer: PAYEE, ...amount }
  const issued = {
    endpoint: 'transactions',
    operation: 'charges',
    source: PAYER,
    expiry: new Date(Date.now() + 600_000).toISOString(),
    ...amount,
  }
  const invoice = async () => (await till.done(`/${PAYER}/invoices`, billed)).reference as string
  const [declined, cancelled] = [await invoice(), await invoice()]
  const token = (await till.done(`/${PAYER}/transactions`, issued)).reference as string
  const policy = { perRefill: '10.00', perPeriod: '100.00', periodSeconds: 86_400 }
  await setRefillPolicy(server.assembly, 'test', CHILD, policy)
  return {
    'GET ': {},
    'GET balance': {},
    'GET transactions': {},
    'GET transactions/:reference': { item: paid.reference },
    'GET invoices': {},
    'GET invoices/:reference': { item: declined },
    'GET tokens': {},
    'POST funds': { wallet: PAYEE, payload: { endpoint: 'funds', source: PAYER, target: PAYEE, ...amount } },
    'POST payments': { payload: { endpoint: 'payments', target: PAYEE, ...amount } },
    'POST charges': { payload: { endpoint: 'charges', source: PAYER, target: PAYEE, ...amount } },
    'POST invoices': { payload: billed },
    'POST invoices/:reference/decline': {
      item: declined,
      payload: { endpoint: 'invoices/decline', invoice: declined },
    },
    'POST invoices/:reference/cancel': {
      wallet: PAYEE,
      item: cancelled,
      payload: { endpoint: 'invoices/cancel', invoice: cancelled },
    },
    'POST refills': { wallet: CHILD, payload: { endpoint: 'refills', target: CHILD, ...amount } },
    'POST refunds': {
      payload: { endpoint: 'refunds', target: PAYER, transaction: paid.reference, amount: 0.01, currency: 'USD' },
    },
    'POST transactions': { payload: issued },
    'POST tokens/:reference/revoke': { item: token, payload: { endpoint: 'tokens/revoke', token } },
  }
}
