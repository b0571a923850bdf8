import type { SigningScheme } from './types.ts'

/** One thing to fill in. */
export type SigningField = {
  name: string
  kind: 'line' | 'json' | 'secret' | 'key' | 'choice' | 'time'
  /**
   * A made-up value, or one that a vendor has published. `{origin}` stands for the server's address, `{seconds}` and
   * `{milliseconds}` for now, `{later}` for a day from now, in seconds.
   */
  example: string
  optional?: true
  choices?: readonly string[]
  /** What it is for: signing, checking, or both where it is absent. */
  only?: 'sign' | 'verify'
}

const line = (name: string, example: string, more: Partial<SigningField> = {}): SigningField => ({
  name,
  kind: 'line',
  example,
  ...more,
})
const json = (name: string, example: unknown, more: Partial<SigningField> = {}): SigningField => ({
  name,
  kind: 'json',
  example: typeof example === 'string' ? example : JSON.stringify(example, null, 2),
  ...more,
})
const choice = (name: string, ...choices: string[]): SigningField => ({
  name,
  kind: 'choice',
  example: choices[0] as string,
  choices,
  only: 'sign',
})
const secret = (example: string): SigningField => ({ name: 'secret', kind: 'secret', example })

const sign = { only: 'sign' } as const
const optional = { optional: true } as const
const time = (example: string): SigningField => ({ name: 'timestamp', kind: 'time', example, ...sign, ...optional })
const signed = line('signed', '', { only: 'verify', ...optional })
const others = line('others', '', { only: 'verify', ...optional })

// The private key is the SHA-256 of the words “billfold example key”: everyone has it, so it is of no use but in examples.
const examplePublicKey = {
  kty: 'EC',
  crv: 'P-256',
  x: 'DDOLKqhdKgx7u-NVyMVJsJd3u0Bt8gD9U4xTMcQDDps',
  y: 'OjB8W77JDz_zCdTz16x4-Zrigwx-P8Hs2C01DqqvvvU',
  kid: 'example',
}
const examplePrivateKey = { ...examplePublicKey, d: 'jkUv8gygookoUyT_GjzHEj1B8URL9raSDXgm6wvgG1w' }

/** What each scheme wants to know, in the order in which it is asked, with examples that sign. */
export const signingFields: Readonly<Record<SigningScheme, readonly SigningField[]>> = {
  webwallet: [
    line('url', '{origin}/shop:corner-cafe:USD/payments', sign),
    json(
      'payload',
      { endpoint: 'payments', target: 'us:8301234567:USD', amount: '12.50', currency: 'USD', description: 'Café' },
      sign,
    ),
    secret('test-signing-secret'),
    line('idempotencyKey', 'order-1001', { ...sign, ...optional }),
    signed,
    others,
  ],
  'transaction-token': [
    line('url', '{origin}/us:8301234567:USD/charges', sign),
    json(
      'claims',
      `{
  "iss": "{origin}",
  "sub": "us:8301234567:USD",
  "aud": "shop:corner-cafe:USD",
  "endpoint": "charges",
  "source": "us:8301234567:USD",
  "target": "shop:corner-cafe:USD",
  "amount": "5.00",
  "currency": "USD",
  "iat": {seconds},
  "exp": {later},
  "jti": "01890000-0000-7000-8000-000000000001"
}`,
      sign,
    ),
    { name: 'secret', kind: 'key', example: JSON.stringify(examplePrivateKey, null, 1), ...sign },
    line('kid', 'example', { ...sign, ...optional }),
    { name: 'publicKey', kind: 'json', example: JSON.stringify(examplePublicKey, null, 1), only: 'verify' },
    line('issuer', '{origin}', { only: 'verify', ...optional }),
    line('audience', '', { only: 'verify', ...optional }),
  ],
  walleo: [
    choice('method', 'POST', 'GET'),
    line('url', '{origin}/partners/v1/cards'),
    json('body', { card: { gift_card_code: 'IKEAFR', amount: 50 } }, { ...sign, ...optional }),
    line('apiKey', 'example-api-key'),
    line('identifier', 'b5245bbc-8ee7-4e55-92e0-b97e81085154'),
    secret('6F2CE47010CF4F79B9767042BAFB1EB4'),
    time('{seconds}'),
    signed,
    others,
  ],
  tillo: [
    choice('method', 'POST', 'GET', 'DELETE'),
    line('url', '{origin}/api/v2/digital/issue', sign),
    json(
      'body',
      {
        client_request_id: 'order-1001-line-1',
        brand: 'amazon',
        face_value: { amount: '25.00', currency: 'GBP' },
        delivery_method: 'code',
        fulfilment_by: 'partner',
        sector: 'marketplace',
      },
      { ...sign, ...optional },
    ),
    line('apiKey', 'abc123'),
    secret('secret'),
    choice('form', 'simplified', 'full'),
    time('{milliseconds}'),
    signed,
    others,
  ],
  'pledg-request': [
    line('url', '{origin}', sign),
    choice('path', 'purchaseLink', 'paymentByTransfer', 'purchase', 'paymentSolutions'),
    json(
      'payload',
      `{
  "data": {
    "amountCents": 12000,
    "merchantUid": "mer_00000000-0000-4000-8000-000000000001",
    "email": "ana@example.com",
    "firstName": "Ana",
    "lastName": "Núñez",
    "reference": "ORDER-1001",
    "title": "A weekend in Lyon",
    "redirectUrl": "https://shop.example/thanks",
    "cancelUrl": "https://shop.example/basket"
  },
  "exp": {later}
}`,
      sign,
    ),
    secret('your-256-bit-secret'),
    signed,
    others,
  ],
  'pledg-notification': [
    choice('form', 'hash', 'token'),
    line('url', 'https://shop.example/notifications', sign),
    json(
      'body',
      {
        created_at: '2019-04-04T12:20:34.97138Z',
        id: 'test-valid',
        status: 'completed',
        sandbox: true,
        error: '',
        reference: 'PLEDG_1086986786391',
      },
      sign,
    ),
    secret('SECRET'),
    signed,
    others,
  ],
  jackpot: [
    choice('version', 'v2', 'v1'),
    line('url', '{origin}', sign),
    json(
      'claims',
      '{\n  "amount": 100,\n  "iat": {seconds},\n  "notificationKey": "order-1001",\n  "userId": "u-1234"\n}',
      sign,
    ),
    line('apiKey', 'example-api-key'),
    secret('myApiSignature'),
    signed,
    others,
  ],
  webhook: [
    line('url', 'https://shop.example/webhooks', sign),
    line('id', 'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W', sign),
    time('{seconds}'),
    json('body', '{"type":"wallet.payment.received","data":{"amount":"12.50","currency":"USD"}}', sign),
    secret('whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'),
    signed,
    others,
  ],
}

/** An example with its places filled. @param now milliseconds since the epoch */
export const fillExample = (example: string, origin: string, now: number): string =>
  example
    .replaceAll('{origin}', origin)
    .replaceAll('{seconds}', String(Math.floor(now / 1000)))
    .replaceAll('{milliseconds}', String(now))
    .replaceAll('{later}', String(Math.floor(now / 1000) + 86_400))

/** Every field's example, by its name. */
export const exampleValues = (scheme: SigningScheme, origin: string, now: number): Record<string, string> =>
  Object.fromEntries(signingFields[scheme].map(({ name, example }) => [name, fillExample(example, origin, now)]))
