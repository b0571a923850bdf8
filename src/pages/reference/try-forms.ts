import { randomUUID } from 'node:crypto'
import type { ApiName } from '../../openapi/names.ts'

/** One thing to fill in; `name` is that of the signer's field where it has one. */
export type TryField = {
  readonly name: string
  readonly kind: 'line' | 'secret' | 'json' | 'choice'
  /** the field's name in the words of the signature builder, or in ours */
  readonly label: string
  readonly value: string
  /** where the sandbox's own credential stands in its file */
  readonly from?: string
  readonly choices?: readonly string[]
  readonly optional?: true
}

export type TryForm = {
  /** the SDK's signer; absent: what is sent is proven otherwise, and `app` knows how */
  readonly scheme?: string
  readonly fields: readonly TryField[]
}

const line = (name: string, value: string, more: Partial<TryField> = {}): TryField => ({
  name,
  kind: 'line',
  label: name,
  value,
  ...more,
})
const secret = (name: string, from: string, label = name): TryField => ({
  name,
  kind: 'secret',
  label,
  value: '',
  from,
})
const json = (name: string, value: object, more: Partial<TryField> = {}): TryField => ({
  name,
  kind: 'json',
  label: name,
  value: JSON.stringify(value, null, 2),
  ...more,
})
const method = (...choices: string[]): TryField => ({
  name: 'method',
  kind: 'choice',
  label: 'method',
  value: choices[0] as string,
  choices,
})
const path = (value: string) => line('path', value)

/** The form of each protocol, with a request that the sandbox answers, and an id that was never used. */
export const tryForms: Readonly<Record<ApiName, () => TryForm>> = {
  webwallet: () => ({
    scheme: 'webwallet',
    fields: [
      line('clientId', 'sandbox-gateway', { from: 'clients.gateway.client_id' }),
      secret('clientSecret', 'clients.gateway.client_secret'),
      secret('secret', 'clients.gateway.signing_secret', 'secret.webwallet'),
      path('/shop:corner-cafe:USD/funds'),
      json('payload', {
        endpoint: 'funds',
        source: 'bank:gateway:USD',
        target: 'shop:corner-cafe:USD',
        amount: '10.00',
        currency: 'USD',
        description: 'Tried in the reference',
      }),
      line('idempotencyKey', `try-${randomUUID()}`, { optional: true }),
    ],
  }),
  oauth: () => ({
    fields: [
      line('clientId', 'sandbox-merchant', { from: 'clients.merchant.client_id' }),
      secret('clientSecret', 'clients.merchant.client_secret'),
      line('scope', 'balance payments', { optional: true }),
    ],
  }),
  walleo: () => ({
    scheme: 'walleo',
    fields: [
      line('apiKey', '', { from: 'walleo.api_key' }),
      line('identifier', '', { from: 'walleo.identifier' }),
      secret('secret', 'walleo.shared_key', 'secret.walleo'),
      method('POST', 'GET'),
      path('/partners/v1/cards'),
      json(
        'body',
        { card: { gift_card_code: 'IKEAFR', amount: 50, request_id: `try-${randomUUID()}` } },
        { optional: true },
      ),
    ],
  }),
  tillo: () => ({
    scheme: 'tillo',
    fields: [
      line('apiKey', '', { from: 'tillo.api_key' }),
      secret('secret', 'tillo.secret'),
      method('POST', 'GET', 'DELETE'),
      path('/api/v2/digital/issue'),
      json(
        'body',
        {
          client_request_id: `try-${randomUUID()}`,
          brand: 'amazon',
          face_value: { amount: '25.00', currency: 'GBP' },
          delivery_method: 'code',
          fulfilment_by: 'partner',
          sector: 'marketplace',
        },
        { optional: true },
      ),
    ],
  }),
  pledg: () => ({
    scheme: 'pledg-request',
    fields: [
      secret('secret', 'pledg.merchant_secret'),
      { ...line('path', 'purchaseLink'), kind: 'choice', choices: ['purchaseLink', 'paymentByTransfer'] },
      line('merchantUid', '', { from: 'pledg.merchant_uid' }),
      json('payload', {
        data: {
          amountCents: 12_000,
          merchantUid: '{merchantUid}',
          email: 'ana@example.com',
          firstName: 'Ana',
          lastName: 'Núñez',
          reference: `TRY-${randomUUID()}`,
          title: 'A weekend in Lyon',
        },
      }),
    ],
  }),
  jackpot: () => ({
    scheme: 'jackpot',
    fields: [
      line('apiKey', '', { from: 'jackpot.api_key' }),
      secret('secret', 'jackpot.api_signature', 'secret.jackpot'),
      { ...line('version', 'v2'), kind: 'choice', choices: ['v2'] },
      json('claims', { amount: 100, notificationKey: `try-${randomUUID()}`, userId: 'u-1234' }),
    ],
  }),
  admin: () => ({
    fields: [secret('apiKey', 'operator.api_key', 'apiKey'), path('/admin/v1/brands?limit=3')],
  }),
}
