import type { Json } from '../protocol/exact-json.ts'
import { parseExactJson } from '../protocol/exact-json.ts'
import type { TilloField } from './endpoints.ts'

/** The values of the fields that a request has; a missing or empty one is never signed. */
export type TilloValues = Partial<Record<TilloField, string>>

/** The fields of a body that is about to be sent, its amount as it will stand in the JSON text. */
export function tilloValuesOf(body: unknown): TilloValues {
  const { client_request_id, brand, face_value } = asObject(body)
  const { currency, amount } = asObject(face_value)
  return present({ client_request_id, brand, currency, amount: typeof amount === 'number' ? String(amount) : amount })
}

/**
 * The fields of a body that was received, and the parsed body. One reading per way in which its sender may have printed the
 * amount: as it stands there, in its shortest form, with two decimals. Throws an `ExactJsonError`.
 */
export function readTilloBody(text: string): { body: Json | undefined; readings: TilloValues[] } {
  if (text === '') return { body: undefined, readings: [{}] }
  const body = parseExactJson(text)
  const values = tilloValuesOf(body)
  const amount = asObject(asObject(body).face_value).amount
  if (typeof amount !== 'number') return { body, readings: [values] }
  const forms = amountForms(sourceOfAmount(text) ?? String(amount), amount)
  return { body, readings: forms.map((form) => ({ ...values, amount: form })) }
}

/** The fields of a query; only a brand is ever signed. */
export const tilloValuesOfQuery = (query: URLSearchParams): TilloValues => present({ brand: query.get('brand') })

function amountForms(source: string, amount: number): string[] {
  const shortest = String(amount)
  const [whole = '', fraction = ''] = shortest.split('.')
  const plain = /^-?\d+$/.test(whole) && /^\d{0,2}$/.test(fraction)
  return [...new Set([source, shortest, ...(plain ? [`${whole}.${fraction.padEnd(2, '0')}`] : [])])]
}

type Reviver = (this: unknown, name: string, value: unknown, context?: { source?: string }) => unknown

/** How `face_value.amount` is written in the text, `10.0` or `10`; undefined where the platform does not tell. */
function sourceOfAmount(text: string): string | undefined {
  const sources = new Map<unknown, string>()
  const note: Reviver = function (name, value, context) {
    if (name === 'amount' && context?.source !== undefined) sources.set(this, context.source)
    return value
  }
  return sources.get(asObject(JSON.parse(text, note)).face_value)
}

const asObject = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}

function present(values: Record<TilloField, unknown> | { brand: unknown }): TilloValues {
  const texts = Object.entries(values).filter(([, value]) => typeof value === 'string' && value !== '')
  return Object.fromEntries(texts)
}
