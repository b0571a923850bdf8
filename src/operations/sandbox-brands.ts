import type { CreateBrandInput } from './gift-cards/create-brand.ts'

/** A brand of the sandbox. `stock`: how many codes each value has, topped up at each start; values without codes are left out. */
export type SandboxBrand = Omit<CreateBrandInput, 'partyId'> & {
  stock?: { each: number; values: readonly bigint[] }
}

/** Who sells and who buys in the sandbox. */
export const BRANDS_PARTY = 'Sandbox brands'
export const PARTNER = { name: 'Sandbox partner', slug: 'sandbox' }
export const FLOATS = { currencies: ['EUR', 'GBP', 'USD'], amount: 100_000_000n } as const

const range = (min: bigint, max: bigint, step: bigint) => ({ type: 'range', min, max, step }) as const
const fixed = (...values: bigint[]) => ({ type: 'fixed', values }) as const

/** What Walleo shows of a gift card, under its own names. */
const walleoTexts = (slug: string) => ({
  logo_url: `https://brands.sandbox.example/${slug}/logo.png`,
  logo_square_url: `https://brands.sandbox.example/${slug}/square.png`,
  online_usable: true,
  offline_usable: true,
  splittable_online: true,
  splittable_offline: true,
  cumulative_online: true,
  cumulative_online_limit: 5,
  cumulative_offline: true,
  cumulative_offline_limit: 5,
  how_to_use_online: 'Enter the code and the PIN where the shop asks for a gift card.',
  how_to_use_offline: 'Show the barcode at the till.',
  term_of_use: 'A card of the sandbox: it is worth nothing outside.',
})

const walleo = (
  code: string,
  name: string,
  brand: Pick<SandboxBrand, 'values' | 'supply'> & Partial<SandboxBrand>,
): SandboxBrand => ({
  slug: code.toLowerCase(),
  name,
  currency: 'EUR',
  countries: ['FR'],
  categories: ['home'],
  discountBp: 500,
  validityDays: 730,
  codes: { walleo: code },
  texts: walleoTexts(code.toLowerCase()),
  ...brand,
})

const COUNTRIES = { GBP: ['GB'], USD: ['US'], EUR: ['FR', 'DE', 'ES', 'IT'] }

const tillo = (
  slug: string,
  currency: 'GBP' | 'USD' | 'EUR',
  values: SandboxBrand['values'],
  { texts, ...more }: Partial<SandboxBrand> = {},
): SandboxBrand => ({
  slug,
  name: `${slug
    .split('-')
    .map((word) => (word.length === 2 ? word.toUpperCase() : word[0]?.toUpperCase() + word.slice(1)))
    .join(' ')} (sandbox)`,
  currency,
  values,
  supply: 'own',
  countries: COUNTRIES[currency],
  categories: ['shopping'],
  discountBp: 450,
  validityDays: 730,
  delivery: ['code', 'url', 'email'],
  cancellable: true,
  codes: { tillo: slug },
  texts: {
    logo_url: `https://brands.sandbox.example/${slug}/logo.png`,
    how_to_use_online: 'Enter the code where the shop asks for a gift card.',
    how_to_use_offline: 'Show the barcode at the till.',
    term_of_use: 'A card of the sandbox: it is worth nothing outside.',
    ...texts,
  },
  ...more,
})

const jackpot = (
  slug: string,
  name: string,
  baseColor: string,
  brand: Pick<SandboxBrand, 'values' | 'supply'> & Partial<SandboxBrand>,
): SandboxBrand => ({
  slug,
  name,
  currency: 'EUR',
  countries: ['FR'],
  categories: ['shopping'],
  validityDays: 365,
  cancellable: true,
  codes: { jackpot: slug },
  texts: {
    logo_url: `https://brands.sandbox.example/${slug}/logo.png`,
    term_of_use: 'A card of the sandbox: it is worth nothing outside.',
    jackpot: { baseColor, shippingTime: 'at once' },
  },
  ...brand,
})

export const BRANDS: readonly SandboxBrand[] = [
  walleo('IKEAFR', 'IKEA France (sandbox)', {
    values: range(500n, 50_000n, 500n),
    supply: 'own',
    cancellable: true,
    delivery: ['code', 'url', 'email'],
  }),
  walleo('EMPTYFR', 'Always sold out (sandbox)', { values: fixed(1000n, 2500n, 5000n), supply: 'stock' }),
  walleo('TRIOFR', 'Three values (sandbox)', {
    values: fixed(1500n, 3000n, 10_000n),
    supply: 'stock',
    stock: { each: 100, values: [1500n, 3000n, 10_000n] },
    lowStock: 10,
  }),
  tillo('fixed-sync-uk', 'GBP', fixed(500n, 1000n, 2000n, 2500n, 5000n, 10_000n)),
  tillo('fixed-sync-us', 'USD', fixed(1000n, 2500n, 5000n, 10_000n, 50_000n), {
    supply: 'stock',
    // 500.00 is always sold out.
    stock: { each: 25, values: [1000n, 2500n, 5000n, 10_000n] },
    lowStock: 10,
  }),
  tillo('sync-open-code-uk', 'GBP', range(100n, 15_000n, 1n)),
  tillo('open-sync-eur', 'EUR', range(100n, 50_000n, 1n)),
  tillo('fixed-async-uk', 'GBP', fixed(500n, 1000n, 2000n, 2500n, 5000n, 10_000n), { asynchronous: true }),
  tillo('fixed-async-us', 'USD', fixed(1000n, 2500n, 5000n, 10_000n, 50_000n), {
    asynchronous: true,
    supply: 'stock',
    // An order for 500.00 ends in an error.
    stock: { each: 25, values: [1000n, 2500n, 5000n, 10_000n] },
  }),
  tillo('open-async-eur', 'EUR', range(100n, 50_000n, 1n), { asynchronous: true }),
  tillo('choiceplus-mock-uk', 'GBP', range(100n, 50_000n, 1n), {
    delivery: ['url', 'email'],
    texts: { tillo: { type: 'choice-link', choices: ['fixed-sync-uk', 'sync-open-code-uk', 'amazon'] } },
  }),
  tillo('open-loop-uk', 'GBP', range(100n, 25_000n, 1n), { delivery: ['url', 'email'] }),
  tillo('loop-card-uk', 'GBP', range(500n, 25_000n, 1n), { texts: { tillo: { physical: true } } }),
  // A value that spells an error's code is refused with that error.
  tillo('mock-brand', 'GBP', range(100n, 15_000n, 1n), { texts: { tillo: { errors: true } } }),
  tillo('amazon', 'GBP', range(100n, 50_000n, 1n), { name: 'Amazon (sandbox)' }),
  jackpot('maison-verte', 'Maison Verte (sandbox)', '#2f6b46', { values: range(1000n, 50_000n, 1n), supply: 'own' }),
  jackpot('cafe-du-port', 'Café du Port (sandbox)', '#7a4b2a', {
    values: fixed(1000n, 2000n, 5000n, 10_000n, 20_000n),
    supply: 'own',
    discountBp: 1000,
  }),
  jackpot('librairie-rio', 'Librairie Río (sandbox)', '#34507a', {
    values: fixed(1500n, 3000n, 6000n, 10_000n),
    supply: 'stock',
    stock: { each: 25, values: [1500n, 3000n, 6000n, 10_000n] },
    discountBp: 500,
  }),
]
