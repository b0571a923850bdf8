import { WALLET_SCOPES, type WalletScope } from '../../credentials/scopes.ts'
import type { Api } from '../../openapi/api.ts'
import * as answers from './answers.ts'
import { header, perhapsSigned } from './envelope-schemas.ts'
import { type WalletErrorCode, walletErrors } from './error-table.ts'
import { EXAMPLE_SECRET, operations } from './operations.ts'

const scopes: Record<WalletScope, string> = {
  balance: 'read the wallet and its balance',
  transactions: 'read the history; consent to transactions',
  funds: 'fund wallets from a gateway’s own',
  payments: 'pay',
  charges: 'collect from the wallets that the token reaches',
  invoices: 'issue, read and end invoices',
  refills: 'draw from parents of wallets',
  refunds: 'give back',
}

/** The WebWallet API as it is documented. */
export const webWalletApi: Api<WalletErrorCode> = {
  title: 'WebWallet API',
  summary: 'Wallets: balances, payments, charges, invoices, refunds, refills, consents',
  description: [
    'Every request and every answer is an envelope of header, payload and signature. The signature of a payload is HMAC-SHA256 of its canonical JSON (RFC 8785) in base64url; the key is the client’s signing secret as text. Public clients have none and leave the signature out.',
    'Header and path are not signed, so the payload repeats the endpoint and the wallets. Amounts are numbers or decimal texts in units of the currency; nothing is rounded.',
    'With an `Idempotency-Key`, or `nonce` in the payload, a request happens once: the same again gets the first answer.',
    `The examples are signed with the secret \`${EXAMPLE_SECRET}\`.`,
  ],
  servers: [{ url: '/' }, { url: '/wallets', description: 'The same routes, for callers that need them apart' }],
  tags: {
    reading: 'Wallets, balances, histories',
    movements: 'What moves money',
    invoices: 'Asking for money',
    tokens: 'Consents to one transaction that somebody else carries out',
  },
  securitySchemes: {
    oauth: {
      type: 'oauth2',
      description:
        'An access token of this server’s authorization server, as `Authorization: Bearer …`, or `DPoP …` with the proof of its key (RFC 9449). What it reaches: the wallets of the client’s own party, or those that an owner has consented to.',
      flows: {
        clientCredentials: {
          tokenUrl: '/oauth/token',
          scopes: Object.fromEntries(WALLET_SCOPES.map((one) => [one, scopes[one]])),
        },
        authorizationCode: {
          authorizationUrl: '/oauth/authorize',
          tokenUrl: '/oauth/token',
          scopes: Object.fromEntries(WALLET_SCOPES.map((one) => [one, scopes[one]])),
        },
      },
    },
  },
  security: [{ oauth: [] }],
  pathParameters: {
    walletID: {
      description: 'Explicit, `namespace:number:currency`, or opaque: base58 of the SHA-1 of that',
      example: 'shop:corner-cafe:USD',
    },
    walletNamespace: { description: 'Letters', example: 'us' },
    walletNumber: { description: 'Letters, digits, `.`, `_` and `-`', example: '8301234567' },
    reference: {
      description: 'Of a transaction, an invoice or a transaction token',
      example: '0197b6a0-2f3c-7a10-8d2e-5b1f0c9a7e42',
    },
  },
  schemas: {
    Header: header,
    Transaction: answers.transaction,
    Invoice: answers.invoice,
    TransactionToken: answers.token,
  },
  errors: walletErrors,
  errorSchema: perhapsSigned(answers.refusal),
  errorExample: (code, { meaning }) => ({
    header: { alg: 'hs256' },
    payload: { endpoint: 'payments', success: false, error: { code, message: meaning } },
  }),
  operations,
}
