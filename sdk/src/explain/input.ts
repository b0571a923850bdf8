import { ExactJsonError } from '../protocol/errors.ts'
import { type Json, type JsonObject, parseExactJson } from '../protocol/exact-json.ts'
import { isJsonObject } from '../protocol/json-object.ts'
import { ExplainError, type SigningValues } from './types.ts'

/** The value of a field. @throws {ExplainError} where it is empty */
export function need(values: SigningValues, field: string): string {
  const value = values[field]
  if (value === undefined || value === '') throw new ExplainError(field, 'missing', `${field} is missing`)
  return value
}

/** A JSON text of a field. @throws {ExplainError} */
export function needJson(values: SigningValues, field: string): Json {
  const text = need(values, field)
  try {
    return parseExactJson(text, { depth: 32 })
  } catch (error) {
    if (!(error instanceof ExactJsonError)) throw error
    throw new ExplainError(field, 'not-json', `${field}: ${error.message}`)
  }
}

/** A JSON object of a field. @throws {ExplainError} */
export function needObject(values: SigningValues, field: string): JsonObject {
  const value = needJson(values, field)
  if (isJsonObject(value)) return value
  throw new ExplainError(field, 'not-an-object', `${field} is not a JSON object`)
}

/** An absolute address of a field, as `fetch` sends it. @throws {ExplainError} */
export function needUrl(values: SigningValues, field: string): URL {
  const text = need(values, field)
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new ExplainError(field, 'not-a-url', `${field} is not an address that begins with https:// or http://`)
  }
  url.hash = ''
  return url
}

/** A whole number of a field; `otherwise` where it is empty. @throws {ExplainError} */
export function needTime(values: SigningValues, field: string, otherwise: number): number {
  const text = values[field]
  if (text === undefined || text === '') return otherwise
  if (!/^\d{1,15}$/.test(text)) throw new ExplainError(field, 'not-a-time', `${field} is not a whole number`)
  return Number(text)
}

/** The names of other secrets that a value may have been signed with: every field of the list that is filled in. */
export const otherSecrets = (values: SigningValues, ...fields: string[]): { name: string; secret: string }[] => [
  ...fields.flatMap((name) => (values[name] ? [{ name, secret: values[name] }] : [])),
  ...(values.others ?? '')
    .split('\n')
    .map((secret, at) => ({ name: `other ${at + 1}`, secret: secret.trim() }))
    .filter(({ secret }) => secret !== ''),
]

/** A span of time in the unit that suits it. @param seconds not negative */
export function span(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`
  return `${Math.round(seconds / 86_400)} d`
}
