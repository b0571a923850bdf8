import type { IncomingMessage } from 'node:http'
import { parseExactJson } from '#sdk/protocol/exact-json.ts'
import { readBody } from '../../http/node.ts'
import { readings } from '../../operations/jackpot/readings.ts'
import { invalidRequest, JackpotProblem } from './errors.ts'

/** The object of a body. @param form also takes one that is form-encoded @throws {JackpotProblem} BodyError, ExactJsonError */
export async function readObject(
  req: IncomingMessage,
  { form = false }: { form?: boolean } = {},
): Promise<Record<string, unknown>> {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = req.headers
  const isForm = form && /^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)
  if ((!isForm && !/^application\/json\s*(;|$)/i.test(type)) || encoding.toLowerCase() !== 'identity')
    throw new JackpotProblem('unsupported_media_type')
  const text = await readBody(req, readings.bodyLimit)
  if (isForm) return single(new URLSearchParams(text))
  const value = parseExactJson(text, { depth: 16, length: readings.bodyLimit })
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw invalidRequest('The body must be a JSON object')
}

/** Each parameter at most once. @throws {JackpotProblem} */
export function single(parameters: URLSearchParams): Record<string, string> {
  const found = new Map<string, string>()
  for (const [name, value] of parameters) {
    if (found.has(name)) throw invalidRequest(`${name.slice(0, 64)} is there twice`)
    found.set(name, value)
  }
  return Object.fromEntries(found)
}
