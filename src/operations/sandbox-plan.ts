/** Who and what the sandbox holds. Names and numbers are made up; the numbers are the WebWallet text's own examples. */
export type SandboxPerson = {
  name: string
  email: string
  wallets: {
    id: string
    circle?: string
    exponent?: number
    lower?: string
    upper?: string
    parent?: string
    /** what it may draw from its parent */
    refills?: { perRefill: string; perPeriod: string; periodSeconds: number }
  }[]
}

export const CURRENCIES = ['USD', 'EUR', 'COP', 'JPY', 'KWD'] as const

/** A loyalty programme's own money: points without decimals, accepted in its circle only. */
export const POINTS = { code: 'PTS', circle: 'corner-cafe', exponent: 0 } as const

const gatewayWallet = (code: string) => `bank:gateway:${code}`
const merchantWallet = (code: string) => `shop:corner-cafe:${code}`

export const GATEWAY_WALLETS: SandboxPerson['wallets'] = [
  // Issued from nothing: what the gateway owes is what everyone else has.
  ...CURRENCIES.map((code) => ({ id: gatewayWallet(code), lower: 'none', upper: '0' })),
  { id: gatewayWallet(POINTS.code), circle: POINTS.circle, exponent: POINTS.exponent, lower: 'none', upper: '0' },
]

export const MERCHANT_WALLETS: SandboxPerson['wallets'] = CURRENCIES.map((code) => ({ id: merchantWallet(code) }))

/** Who stands at the merchant's till, where the sandbox's gift cards are redeemed, those in pounds too. */
export const TILL: { email: string; wallets: SandboxPerson['wallets'] } = {
  email: 'till@sandbox.example',
  wallets: [{ id: merchantWallet('GBP') }],
}

export const PEOPLE: SandboxPerson[] = [
  {
    name: 'Ada Moreno',
    email: 'ada@sandbox.example',
    wallets: [{ id: 'us:8301234567:USD' }, { id: 'be:412345678:EUR' }],
  },
  {
    name: 'Ben Moreno',
    email: 'ben@sandbox.example',
    wallets: [
      {
        id: 'us:8301234568:USD',
        upper: '200.00',
        parent: 'us:8301234567:USD',
        refills: { perRefill: '25.00', perPeriod: '100.00', periodSeconds: 86_400 },
      },
    ],
  },
  {
    name: 'Carla Ruiz',
    email: 'carla@sandbox.example',
    wallets: [
      { id: 'co:3123456789:COP', lower: '-500000.00' },
      { id: 'us:8301234569:USD', lower: '-100.00' },
    ],
  },
  {
    name: 'Daichi Ito',
    email: 'daichi@sandbox.example',
    wallets: [
      { id: 'jp:01234567890:JPY' },
      { id: 'jp:01234567890:PTS', circle: POINTS.circle, exponent: POINTS.exponent },
    ],
  },
]

export const OPERATOR = { name: 'Sandbox operator', email: 'operator@sandbox.example' }
/** Of a party of their own: what one operator may not move alone, another person approves. */
export const SECOND_OPERATOR = { name: 'Second sandbox operator', email: 'second-operator@sandbox.example' }
export const GATEWAY = { name: 'Sandbox gateway', client: 'sandbox-gateway' }
export const MERCHANT = {
  name: 'Corner Café',
  client: 'sandbox-merchant',
  redirectUris: ['http://127.0.0.1/callback', 'http://localhost/callback'],
}
export const BROWSER = {
  name: 'Corner Café web shop',
  client: 'sandbox-browser',
  redirectUris: ['http://127.0.0.1/', 'http://localhost/'],
  /** to try it: against the advice of RFC 9700, and so off for every other client */
  implicit: true,
}
