import type { IncomingMessage } from 'node:http'
import type { z } from 'zod'
import { ExactJsonError } from '#sdk/protocol/errors.ts'
import { type JsonObject, parseExactJson } from '#sdk/protocol/exact-json.ts'
import { readBody } from '../../http/node.ts'
import { invalid, PledgProblem } from './errors.ts'
import { readings } from './readings.ts'

/**
 * The query, each parameter at most once.
 * @throws {PledgProblem}
 */
export function readQuery(req: Pick<IncomingMessage, 'url'>): Map<string, string> {
  const text = /\?(.*)$/s.exec(req.url ?? '')?.[1] ?? ''
  if (text.length > readings.queryLimit)
    throw new PledgProblem('invalid_request_error', 'The query is too long', { http: 414 })
  const values = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(text)) {
    if (values.has(name)) throw invalid(name, 'is there twice')
    values.set(name, value)
  }
  return values
}

/**
 * A JSON object; none at all is an empty one where `optional`.
 * @throws {PledgProblem} @throws BodyError
 */
export async function readJsonBody(req: IncomingMessage, { optional = false } = {}): Promise<JsonObject> {
  const text = await readBody(req, readings.bodyLimit)
  if (optional && text.trim() === '') return {}
  requireType(req, /^application\/json\s*(;|$)/i, 'application/json')
  let value: unknown
  try {
    value = parseExactJson(text)
  } catch (error) {
    if (error instanceof ExactJsonError) throw new PledgProblem('invalid_request_error', `The body: ${error.message}`)
    throw error
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new PledgProblem('invalid_request_error', 'The body must be a JSON object')
  return value as JsonObject
}

/** @throws {PledgProblem} unless the body is of this type and not compressed */
export function requireType({ headers }: IncomingMessage, type: RegExp, name: string): void {
  const { 'content-type': given = '', 'content-encoding': encoding = 'identity' } = headers
  if (type.test(given) && encoding.toLowerCase() === 'identity') return
  throw new PledgProblem('invalid_request_error', `The body must be ${name}, not compressed`, { http: 415 })
}

/**
 * What a schema makes of a value. Everything that is wrong stands in the answer, by parameter.
 * @throws {PledgProblem}
 */
export function read<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const fields: Record<string, string> = {}
  for (const issue of result.error.issues) {
    const path = issue.path.map(String)
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) set(fields, [...path, key].join('.'), 'is not known here')
    } else {
      const missing = valueAt(value, issue.path) === undefined && issue.code === 'invalid_type'
      set(fields, path.join('.') || 'data', missing ? 'is required' : issue.message)
    }
  }
  const [name, message] = Object.entries(fields)[0] as [string, string]
  throw new PledgProblem('invalid_request_error', `${name}: ${message}`, { fields })
}

/** As an own member, whatever the sender calls its parameters; the first remark on each stays. */
function set(fields: Record<string, string>, name: string, message: string): void {
  if (Object.hasOwn(fields, name)) return
  Object.defineProperty(fields, name, { value: message, enumerable: true })
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value
  for (const step of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined
    at = (at as Record<PropertyKey, unknown>)[step]
  }
  return at
}
