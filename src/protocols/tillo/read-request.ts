import type { z } from 'zod'
import type { TilloErrorCode } from '#sdk/tillo/error-codes.ts'
import { TilloProblem } from './errors.ts'

/** Members whose absence has a code of its own; any other's is 070. */
const missing: ReadonlyMap<string, TilloErrorCode> = new Map([
  ['delivery_method', '714'],
  ['currency', '722'],
  ['face_value.currency', '722'],
])
/** Members whose value, when it is of the right type and nothing the API knows, has a code of its own; any other's is 433. */
const unknown: ReadonlyMap<string, TilloErrorCode> = new Map([
  ['delivery_method', '712'],
  ['currency', '721'],
  ['face_value.currency', '721'],
  ['sector', '704'],
])

type Issue = { member: string; message: string; code: TilloErrorCode }

/**
 * The body or query as its schema says. Everything that is wrong stands in the answer's data; its code is that of the first.
 * @throws {TilloProblem}
 */
export function read<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issues = result.error.issues.flatMap((issue) => describe(issue, value))
  // Callers choose names, `constructor` among them: an object would find its own.
  const messages = new Map<string, string[]>()
  for (const { member, message } of issues) messages.set(member, [...(messages.get(member) ?? []), message])
  const data = Object.fromEntries(messages)
  const [first] = issues as [Issue, ...Issue[]]
  const text = first.code === '433' ? 'The request is not valid' : first.message
  throw new TilloProblem(first.code, text, { data })
}

function describe(issue: z.core.$ZodIssue, value: unknown): Issue[] {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ member: [...path, key].join('.'), message: 'is not known here', code: '433' }))
  }
  const member = path.join('.')
  const given = valueAt(value, issue.path)
  if (given === undefined) {
    return [{ member, message: `Missing parameter [${member}]`, code: missing.get(member) ?? '070' }]
  }
  const code = typeof given === 'string' ? (unknown.get(member) ?? '433') : '433'
  return [
    {
      member,
      message: code === '433' ? issue.message : `The ${member} [${String(given).slice(0, 64)}] ${issue.message}`,
      code,
    },
  ]
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value
  for (const step of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined
    at = (at as Record<PropertyKey, unknown>)[step]
  }
  return at
}

/** The query, each parameter at most once. @throws {TilloProblem} */
export function readQuery<Schema extends z.ZodType>(schema: Schema, query: URLSearchParams): z.output<Schema> {
  const values: Record<string, string> = {}
  for (const [name, value] of query) {
    if (Object.hasOwn(values, name))
      throw new TilloProblem('433', 'The request is not valid', { data: { [name]: ['is there twice'] } })
    Object.defineProperty(values, name, { value, enumerable: true })
  }
  return read(schema, values)
}
