import type { z } from 'zod'
import { ExactJsonError } from '#sdk/protocol/errors.ts'
import { type Json, parseExactJson } from '#sdk/protocol/exact-json.ts'
import { AdminProblem } from './problem.ts'
import type { AdminRoute } from './route.ts'

const BODY_LIMIT = 65_536

/** The query, each parameter at most once, checked by the route's schema. */
export function readQuery(route: AdminRoute, url: string): unknown {
  const parameters = new URL(url).searchParams
  const query: Record<string, string> = {}
  for (const [name, value] of parameters) {
    if (Object.hasOwn(query, name))
      throw new AdminProblem(422, 'invalid-input', `${name} is there twice`, { field: name })
    Object.defineProperty(query, name, { value, enumerable: true })
  }
  if (route.query) return check(route.query, query)
  const [extra] = Object.keys(query)
  if (extra !== undefined) {
    throw new AdminProblem(422, 'invalid-input', 'this route takes no query', { field: extra })
  }
  return {}
}

/** The body, checked by the route's schema; a route without one takes an empty body or `{}`. */
export async function readInput(route: AdminRoute, request: Request): Promise<unknown> {
  if (route.method === 'GET') return undefined
  const text = await readText(request)
  if (text === '' && !route.input) return undefined
  const type = request.headers.get('content-type') ?? ''
  if (!/^application\/(json|merge-patch\+json)\s*(;|$)/i.test(type)) {
    throw new AdminProblem(415, 'unsupported-media-type', 'the body must be application/json')
  }
  const json = parseJson(text)
  if (route.input) return check(route.input, json)
  if (JSON.stringify(json) !== '{}') throw new AdminProblem(422, 'invalid-input', 'this route takes no body, or {}')
  return undefined
}

function parseJson(text: string): Json {
  try {
    return parseExactJson(text)
  } catch (error) {
    if (!(error instanceof ExactJsonError)) throw error
    const field = error.path?.replace(/^\$\.?/, '') || undefined
    throw new AdminProblem(400, error.code, error.message, { field })
  }
}

function check(schema: z.ZodType, value: unknown): unknown {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const errors = result.error.issues.flatMap(describe)
  const [first] = errors
  const detail = first && first.field !== '' ? `${first.field}: ${first.detail}` : (first?.detail ?? 'invalid')
  throw new AdminProblem(422, 'invalid-input', detail, { field: first?.field || undefined, errors })
}

function describe(issue: z.core.$ZodIssue): { field: string; detail: string }[] {
  const at = (last: PropertyKey[]) => [...issue.path, ...last].join('.')
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: at([key]), detail: 'is not known here' }))
  }
  return [{ field: at([]), detail: issue.message }]
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

async function readText(request: Request): Promise<string> {
  const bytes = await readBytes(request)
  try {
    return utf8.decode(bytes)
  } catch {
    throw new AdminProblem(400, 'body-not-utf8', 'the body is not UTF-8')
  }
}

async function readBytes(request: Request): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.length
      // What is over the limit is read and dropped, so that the answer reaches a client that is still sending.
      if (size <= BODY_LIMIT) chunks.push(chunk)
      else if (size > 64 * BODY_LIMIT) break
    }
  } catch {
    throw new AdminProblem(400, 'body-incomplete', 'the body was cut off')
  }
  if (size > BODY_LIMIT) throw new AdminProblem(413, 'body-too-large', `the body is larger than ${BODY_LIMIT} bytes`)
  return Buffer.concat(chunks)
}
