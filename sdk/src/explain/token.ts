import { ExactJsonError } from '../protocol/errors.ts'
import { type JsonObject, parseExactJson } from '../protocol/exact-json.ts'
import { isJsonObject } from '../protocol/json-object.ts'
import { decodeLoosely } from './code.ts'
import { found } from './guess.ts'
import type { Finding } from './types.ts'

/** A token as far as it can be read, with what is wrong about how it is written. */
export type LooseToken = {
  header: JsonObject
  payload: JsonObject
  /** As they stand in the token. */
  encodedHeader: string
  encodedPayload: string
  signature: string
  findings: Finding[]
}

/** Reads a compact JWT in spite of what is wrong with it; a list of findings where nothing can be made of it. */
export function readTokenLoosely(text: string): LooseToken | Finding[] {
  const findings: Finding[] = []
  let token = text.trim().replace(/^["'`]|["'`]$/g, '')
  if (token === '') return [found('token-missing')]
  if (/%25|%2[EBFbef]|%3D/i.test(token)) {
    findings.push(found('token-encoded-twice'))
    token = decodeFully(token)
  }
  if (/\s/.test(token)) {
    findings.push(found('token-line-breaks'))
    token = token.replace(/\s+/g, '')
  }
  const parts = token.split('.')
  if (parts.length !== 3) return [...findings, found('token-parts', { count: String(parts.length) })]
  const [encodedHeader = '', encodedPayload = '', signature = ''] = parts
  if (/[+/]/.test(encodedHeader + encodedPayload)) findings.push(found('token-base64'))
  if (/=/.test(encodedHeader + encodedPayload)) findings.push(found('token-padded'))
  const header = decodeObject(encodedHeader)
  if (typeof header === 'string') return [...findings, found('token-not-json', { part: 'header', reason: header })]
  const payload = decodeObject(encodedPayload)
  if (typeof payload === 'string') return [...findings, found('token-not-json', { part: 'payload', reason: payload })]
  return { header, payload, encodedHeader, encodedPayload, signature, findings }
}

function decodeFully(text: string): string {
  let decoded = text
  for (let i = 0; i < 3 && decoded.includes('%'); i++) {
    try {
      decoded = decodeURIComponent(decoded)
    } catch {
      return decoded
    }
  }
  return decoded
}

/** A JSON object, or why it is none. */
function decodeObject(part: string): JsonObject | string {
  const bytes = decodeLoosely(part)
  if (bytes === null) return 'it is not base64url'
  try {
    const value = parseExactJson(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), {
      depth: 32,
    })
    return isJsonObject(value) ? value : 'it is another JSON value'
  } catch (error) {
    if (error instanceof ExactJsonError) return error.message
    if (error instanceof TypeError) return 'it is not UTF-8'
    throw error
  }
}

/** What a header asks for that is not done. @param right the one algorithm that the reader takes */
export function headerFindings(header: JsonObject, right: string): Finding[] {
  const { alg } = header
  const findings: Finding[] = []
  if (alg === undefined) findings.push(found('alg-missing'))
  else if (typeof alg === 'string' && alg.toLowerCase() === 'none') findings.push(found('alg-none'))
  else if (alg !== right) findings.push(found('alg-wrong', { alg: String(alg), right }))
  for (const name of ['crit', 'b64', 'jku', 'jwk', 'x5u', 'x5c']) {
    if (Object.hasOwn(header, name)) findings.push(found('header-refused', { name }))
  }
  return findings
}
