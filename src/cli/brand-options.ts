import type { BrandTerms } from '../operations/gift-cards/brand-input.ts'
import type { UpstreamConfig } from '../operations/gift-cards/buy-upstream.ts'
import type { CodeScheme } from '../storage/brands.ts'
import { type Options, wholeNumber } from './arguments.ts'
import { PlainError, UsageError } from './command.ts'
import { readTextFile } from './input.ts'

/** What can be said of a brand, when it is made and later. */
export const brandOptions = {
  name: 'string',
  value: 'strings',
  min: 'string',
  max: 'string',
  step: 'string',
  discount: 'string',
  'discount-keeper': 'string',
  'validity-days': 'string',
  delivery: 'strings',
  barcode: 'string',
  country: 'strings',
  category: 'strings',
  asynchronous: 'string',
  cancellable: 'string',
  'low-stock': 'string',
  status: 'string',
  reason: 'string',
  code: 'strings',
  'texts-file': 'string',
  'upstream-file': 'string',
  json: 'boolean',
} as const

type BrandOptions = Options<typeof brandOptions>

/** @throws {UsageError} */
export async function readTerms(options: BrandOptions): Promise<BrandTerms> {
  const { discount, barcode, delivery, country: countries, category: categories, reason } = options
  const days = options['validity-days']
  const texts = options['texts-file'] === undefined ? undefined : await readJsonFile(options['texts-file'])
  const terms: { [Name in keyof BrandTerms]: BrandTerms[Name] | undefined } = {
    values: readValues(options),
    discount,
    discountKeeper: oneOf('discount-keeper', options['discount-keeper'], ['partner', 'operator']),
    validityDays: days === 'none' ? null : wholeNumber('validity-days', days, 36_500),
    delivery: delivery.length > 0 ? delivery.map((it) => choice('delivery', it, ['code', 'url', 'email'])) : undefined,
    barcode,
    countries: countries.length > 0 ? countries : undefined,
    categories: categories.length > 0 ? categories : undefined,
    asynchronous: onOff('asynchronous', options.asynchronous),
    cancellable: onOff('cancellable', options.cancellable),
    lowStock: wholeNumber('low-stock', options['low-stock'], 1_000_000),
    status: oneOf('status', options.status, ['enabled', 'paused', 'disabled']),
    statusReason: reason,
    texts,
  }
  return Object.fromEntries(Object.entries(terms).filter(([, value]) => value !== undefined)) as BrandTerms
}

function readValues({ value, min, max, step }: BrandOptions): BrandTerms['values'] {
  const range = [min, max, step].filter((it) => it !== undefined)
  if (value.length > 0 && range.length > 0) throw new UsageError('give --value, or --min, --max and --step, not both')
  if (value.length > 0) return { type: 'fixed', values: value }
  if (range.length === 0) return undefined
  if (min === undefined || max === undefined || step === undefined)
    throw new UsageError('a range has --min, --max and --step')
  return { type: 'range', min, max, step }
}

/** `walleo=CODE`; without a code, null. @throws {UsageError} */
export function readCodes(texts: readonly string[]): Partial<Record<CodeScheme, string | null>> {
  return Object.fromEntries(
    texts.map((text) => {
      const cut = text.indexOf('=')
      const scheme = choice('code', text.slice(0, Math.max(cut, 0)), ['walleo', 'tillo', 'jackpot'])
      const code = text.slice(cut + 1)
      if (!/^[\x21-\x7e]{0,64}$/.test(code))
        throw new UsageError('a code has up to 64 printable characters without blanks')
      return [scheme, code === '' ? null : code]
    }),
  )
}

/** Holds credentials, so it comes from a file. */
export async function readUpstreamFile(path: string): Promise<UpstreamConfig> {
  const config = await readJsonFile(path)
  const needed: Record<string, readonly string[]> = {
    walleo: ['url', 'api_key', 'identifier', 'shared_key', 'code'],
    tillo: ['url', 'api_key', 'secret', 'brand', 'sector'],
  }
  const members = needed[String(config.protocol)]
  if (!members) throw new PlainError(`${path}: protocol is walleo or tillo`)
  const missing = members.find((name) => typeof config[name] !== 'string' || config[name] === '')
  if (missing !== undefined) throw new PlainError(`${path}: ${missing} is missing`)
  const { api_key: apiKey, shared_key: sharedKey, ...rest } = config
  return { ...rest, apiKey, ...(sharedKey !== undefined && { sharedKey }) } as UpstreamConfig
}

async function readJsonFile(path: string): Promise<Record<string, unknown>> {
  const text = await readTextFile(path)
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // Said below: the parser's own message would repeat what may be a secret.
  }
  throw new PlainError(`${path} is no JSON object`)
}

function choice<T extends string>(name: string, value: string, choices: readonly T[]): T {
  if ((choices as readonly string[]).includes(value)) return value as T
  throw new UsageError(`--${name} is ${choices.join(', ')}`)
}

const oneOf = <T extends string>(name: string, value: string | undefined, choices: readonly T[]) =>
  value === undefined ? undefined : choice(name, value, choices)

const onOff = (name: string, value: string | undefined) =>
  value === undefined ? undefined : choice(name, value, ['on', 'off']) === 'on'
