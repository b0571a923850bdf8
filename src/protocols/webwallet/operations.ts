import { z } from 'zod'
import { sealEnvelope } from '#sdk/protocol/envelope.ts'
import { createMac, createSigningKey } from '../../credentials/envelope.ts'
import type { ApiOperation } from '../../openapi/api.ts'
import * as answers from './answers.ts'
import * as charge from './charge.ts'
import { schemas as endings } from './end-invoice.ts'
import { enveloped } from './envelope-schemas.ts'
import type { WalletErrorCode as Code } from './error-table.ts'
import * as fund from './fund.ts'
import * as invoice from './invoice.ts'
import * as issueToken from './issue-token.ts'
import * as codes from './operation-errors.ts'
import * as pay from './pay.ts'
import { idempotencyKey } from './payload.ts'
import { queries } from './query-schemas.ts'
import * as refill from './refill.ts'
import * as refund from './refund.ts'
import * as revokeToken from './revoke-token.ts'

/** Everybody has it: the examples of the document are signed with it. */
export const EXAMPLE_SECRET = 'test-signing-secret'
const mac = createMac(createSigningKey(EXAMPLE_SECRET))
const signed = (payload: object) => JSON.parse(sealEnvelope(payload, mac))

const ADA = 'us:8301234567:USD'
const SHOP = 'shop:corner-cafe:USD'
const REFERENCE = '0197b6a0-2f3c-7a10-8d2e-5b1f0c9a7e42'
const security = (...scopes: string[]) => [{ oauth: scopes }]

type Read = Pick<ApiOperation<Code>, 'id' | 'summary'> &
  Partial<ApiOperation<Code>> & { endpoint: string; scope?: string; answer: z.ZodType; said: string }

const read = ({ endpoint, scope, answer, said, ...more }: Read): ApiOperation<Code> => ({
  method: 'GET',
  path: `/{walletID}${endpoint}`,
  tag: 'reading',
  security: security(...(scope === undefined ? [] : [scope])),
  answers: { 200: { description: said, schema: enveloped(answer) } },
  errors: [...codes.READING, ...(endpoint.includes('{') ? codes.ONE : []), ...(more.query ? codes.QUERY : [])],
  ...more,
})

type Write = Pick<ApiOperation<Code>, 'id' | 'summary' | 'description' | 'tag'> & {
  endpoint: string
  scopes: readonly string[]
  payload: z.ZodObject
  examples: Record<string, { summary?: string; payload: object }>
  more?: z.ZodRawShape
  errors: readonly Code[]
  path?: string
} & Pick<ApiOperation<Code>, 'also' | 'servers' | 'places'>

const write = ({
  endpoint,
  scopes,
  payload,
  examples,
  more = {},
  path,
  errors,
  ...rest
}: Write): ApiOperation<Code> => ({
  method: 'POST',
  path: path ?? `/{walletID}${endpoint}`,
  security: security(...scopes),
  headers: idempotencyKey,
  body: {
    schema: enveloped(payload),
    examples: Object.fromEntries(
      Object.entries(examples).map(([name, { payload: said, ...words }]) => [name, { ...words, value: signed(said) }]),
    ),
  },
  answers: {
    200: {
      description: 'The payload as it was sent, and what became of it',
      schema: enveloped(payload.extend({ ...answers.carriedOut, ...more })),
    },
  },
  errors: [...codes.WRITING, ...errors],
  signing: { scheme: 'webwallet' },
  ...rest,
})

/** Below a namespace and a number the payload's currency picks the wallet. */
const ofHolder = (operation: Write): ApiOperation<Code> =>
  write({
    ...operation,
    id: `${operation.id}OfHolder`,
    summary: `${operation.summary}, the wallet picked by the currency`,
    path: `/wallets/{walletNamespace}/{walletNumber}${operation.endpoint}`,
    also: [`/{walletNamespace}/{walletNumber}${operation.endpoint}`],
    servers: [{ url: '/' }],
  })

const invoicing: Write = {
  endpoint: '/invoices',
  id: 'createInvoice',
  tag: 'invoices',
  summary: 'Asks a wallet for money',
  description: 'It moves none. It is paid by a payment or a charge whose `metadata.invoice` is its reference.',
  scopes: ['invoices'],
  payload: invoice.schema,
  examples: {
    invoice: {
      payload: {
        endpoint: 'invoices',
        target: ADA,
        issuer: SHOP,
        amount: 7.25,
        currency: 'USD',
        description: 'November',
      },
    },
  },
  errors: codes.INVOICING,
  places: { walletID: ADA },
}
const refilling: Write = {
  endpoint: '/refills',
  id: 'refill',
  tag: 'movements',
  summary: 'Draws from the parent of the wallet',
  description: 'Under the standing policy that the operator has set.',
  scopes: ['refills'],
  payload: refill.schema,
  examples: { refill: { payload: { endpoint: 'refills', target: 'us:8301234568:USD', amount: 20, currency: 'USD' } } },
  errors: codes.REFILLING,
  places: { walletID: 'us:8301234568:USD', walletNumber: '8301234568' },
}
const refunding: Write = {
  endpoint: '/refunds',
  id: 'refund',
  tag: 'movements',
  summary: 'Gives back all or part of a payment or charge',
  description: 'The wallet of the path is the one that paid.',
  scopes: ['refunds'],
  payload: refund.schema,
  examples: {
    refund: {
      payload: {
        endpoint: 'refunds',
        target: ADA,
        amount: 15,
        currency: 'USD',
        transaction: REFERENCE,
        description: 'one lamp was broken',
      },
    },
  },
  errors: codes.REFUNDING,
  places: { walletID: ADA },
}
const ending = (verb: 'decline' | 'cancel', summary: string): ApiOperation<Code> =>
  write({
    endpoint: `/invoices/{reference}/${verb}`,
    id: `${verb}Invoice`,
    tag: 'invoices',
    summary,
    description: 'The payload names the invoice too, because the path is not signed.',
    scopes: ['invoices'],
    payload: endings[verb === 'decline' ? 'declined' : 'cancelled'],
    examples: { request: { payload: { endpoint: `invoices/${verb}`, invoice: REFERENCE } } },
    errors: ['invoice-not-found', 'invoice-settled', 'invoice-expired'],
  })

export const operations: readonly ApiOperation<Code>[] = [
  read({
    endpoint: '',
    id: 'readWallet',
    summary: 'Who the wallet is, without its balance',
    answer: answers.wallet,
    said: 'Any token that reaches the wallet may ask',
  }),
  read({
    endpoint: '/balance',
    id: 'readBalance',
    scope: 'balance',
    summary: 'The posted balance, and the limits',
    answer: answers.balance,
    said: 'The balance',
  }),
  write({
    endpoint: '/funds',
    id: 'fund',
    tag: 'movements',
    summary: 'Moves money from a gateway’s wallet to this one',
    scopes: ['funds'],
    payload: fund.schema,
    examples: {
      funds: {
        payload: { endpoint: 'funds', source: 'bank:gateway:USD', target: SHOP, amount: '100.00', currency: 'USD' },
      },
    },
    errors: codes.MOVING,
  }),
  write({
    endpoint: '/payments',
    id: 'pay',
    tag: 'movements',
    summary: 'Pays',
    description:
      'Where the wallet of the path is the target, the token’s own wallet in that currency pays; otherwise the wallet of the path does.',
    scopes: ['payments'],
    payload: pay.schema,
    examples: {
      payment: {
        payload: { endpoint: 'payments', target: ADA, amount: '12.50', currency: 'USD', description: 'Café' },
      },
    },
    errors: [...codes.MOVING, ...codes.PAYING],
  }),
  write({
    endpoint: '/charges',
    id: 'charge',
    tag: 'movements',
    summary: 'Collects from a wallet whose owner has allowed it',
    description:
      'By a grant, where the access token reaches `source`, or by a transaction token, in `payload.token` or as the bearer.',
    scopes: ['charges'],
    payload: charge.schema,
    examples: {
      charge: {
        payload: {
          endpoint: 'charges',
          source: ADA,
          target: SHOP,
          amount: 30,
          currency: 'USD',
          description: 'two lamps',
        },
      },
    },
    errors: [...codes.MOVING, ...codes.PAYING, 'token-given-twice', 'presenter-unproven'],
  }),
  write(refunding),
  ofHolder(refunding),
  write(refilling),
  ofHolder(refilling),
  write(invoicing),
  ofHolder(invoicing),
  read({
    endpoint: '/invoices',
    id: 'listInvoices',
    tag: 'invoices',
    scope: 'invoices',
    summary: 'What the wallet has to pay, or has issued',
    query: queries.invoices,
    answer: answers.invoices,
    said: 'A page, newest first',
  }),
  read({
    endpoint: '/invoices/{reference}',
    id: 'readInvoice',
    tag: 'invoices',
    scope: 'invoices',
    summary: 'One invoice, for both sides',
    answer: answers.oneInvoice,
    said: 'The invoice',
    errors: [...codes.READING, 'invoice-not-found'],
  }),
  ending('decline', 'The debtor declines'),
  ending('cancel', 'The issuer takes it back'),
  read({
    endpoint: '/transactions',
    id: 'listTransactions',
    scope: 'transactions',
    summary: 'The history, newest first',
    query: queries.transactions,
    answer: answers.transactions,
    said: 'A page; with a filter it may be short, with more behind it',
  }),
  read({
    endpoint: '/transactions/{reference}',
    id: 'readTransaction',
    scope: 'transactions',
    summary: 'One line of it',
    answer: answers.oneTransaction,
    said: 'The line',
    errors: [...codes.READING, 'transaction-not-found'],
  }),
  write({
    endpoint: '/transactions',
    id: 'issueTransactionToken',
    tag: 'tokens',
    summary: 'Consents to one transaction that somebody else carries out',
    description:
      'The answer adds `token`, a JWT that anyone checks with the keys of `/oauth/jwks`. A consent to a charge needs the scope `charges` besides.',
    scopes: ['transactions'],
    payload: issueToken.schema,
    more: { token: z.string().describe('The transaction token: who has it may use it') },
    examples: {
      token: {
        payload: {
          endpoint: 'transactions',
          operation: 'charges',
          source: ADA,
          target: SHOP,
          amount: 18,
          currency: 'USD',
          description: 'taxi',
          expiry: '2026-11-23T12:00:00Z',
        },
      },
    },
    errors: codes.CONSENTING,
    places: { walletID: ADA },
  }),
  read({
    endpoint: '/tokens',
    id: 'listTransactionTokens',
    tag: 'tokens',
    scope: 'transactions',
    summary: 'The consents of the wallet’s owner',
    query: queries.tokens,
    answer: answers.tokens,
    said: 'A page, newest first',
  }),
  write({
    endpoint: '/tokens/{reference}/revoke',
    id: 'revokeTransactionToken',
    tag: 'tokens',
    summary: 'Takes back a consent that was not used',
    scopes: ['transactions'],
    payload: revokeToken.schema,
    examples: { request: { payload: { endpoint: 'tokens/revoke', token: REFERENCE } } },
    errors: ['token-not-found', 'token-used', 'token-expired'],
  }),
]
