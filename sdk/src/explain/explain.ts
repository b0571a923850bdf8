import { detectScheme } from './paste/detect.ts'
import { headerOf, type Pasted, readPasted } from './paste/pasted.ts'
import type { Scheme } from './schemes/scheme.ts'
import { type SnippetLanguage, writeSnippet } from './snippets/snippets.ts'
import type { Diagnosis, Explanation, Finding, SigningScheme, SigningValues } from './types.ts'
import { findInvisible } from './visible.ts'

// One module per scheme, loaded when it is asked for: a page fetches only what it shows.
const schemes: Record<SigningScheme, () => Promise<{ scheme: Scheme }>> = {
  webwallet: () => import('./schemes/webwallet.ts'),
  'transaction-token': () => import('./schemes/transaction-token.ts'),
  walleo: () => import('./schemes/walleo.ts'),
  tillo: () => import('./schemes/tillo.ts'),
  'pledg-request': () => import('./schemes/pledg-request.ts'),
  'pledg-notification': () => import('./schemes/pledg-notification.ts'),
  jackpot: () => import('./schemes/jackpot.ts'),
  webhook: () => import('./schemes/webhook.ts'),
}

const load = async (name: SigningScheme): Promise<Scheme> => (await schemes[name]()).scheme

/**
 * Signs with the SDK's own signer of a scheme, and tells every step: the parts, the canonical form, the text that is signed, how
 * the secret becomes a key, the digest, and the request that goes out. The secret is nowhere in the result.
 *
 * @param values by the names of `signingFields`
 * @param now milliseconds since the epoch, for a time that is not filled in
 * @throws {ExplainError} for a field that is missing or not what it has to be
 */
export async function explainSigning(
  scheme: SigningScheme,
  values: SigningValues,
  now: number = Date.now(),
): Promise<Explanation> {
  return (await load(scheme)).explain(values, now)
}

/**
 * Says why a request fails. It may be raw HTTP, a `curl` command, the JSON of a message, the address of a signed request, or a bare
 * JWT. The mistakes that are made most are tried, one and two at a time, until one gives the signature that came.
 *
 * @param values the secret to check with, and what else is known (`signingFields`); further secrets that may have been mixed up
 *   with it in `others`, one a line; the text that its author says was signed in `signed`
 * @throws {ExplainError} where the secret is missing or malformed
 */
export async function diagnose(
  scheme: SigningScheme,
  pasted: string,
  values: SigningValues,
  now: number = Date.now(),
): Promise<Diagnosis> {
  const request = readPasted(pasted)
  if (request.kind === 'unknown')
    return { valid: false, findings: [unread(pasted)], stringToSign: null, expected: null }
  const hidden = hiddenCharacters(request)
  const result = await (await load(scheme)).diagnose(request, values, now)
  // What is not seen is the likelier cause of all that follows from it.
  const findings = [...commandFindings(request), ...(result.valid ? [] : hidden), ...result.findings]
  return { ...result, valid: findings.length === 0, findings }
}

/** The scheme that a pasted text shows; null where it shows none. */
export const guessScheme = (pasted: string): SigningScheme | null => detectScheme(readPasted(pasted))

/** A program that signs and sends the same request; its secrets come from the environment. @throws {ExplainError} */
export async function signingSnippet(
  scheme: SigningScheme,
  language: SnippetLanguage,
  values: SigningValues,
  now: number = Date.now(),
): Promise<string> {
  return writeSnippet(language, await (await load(scheme)).recipe(values, now))
}

const unread = (text: string): Finding => ({ mistake: text.trim() === '' ? 'token-missing' : 'unreadable', values: {} })

function hiddenCharacters(request: Pasted): Finding[] {
  const places = [
    ['the address', request.url] as const,
    ...request.headers.map(([name, value]) => [name, value] as const),
    ['the body', request.body ?? ''] as const,
  ]
  return places.flatMap(([where, text]) => {
    const character = findInvisible(text)
    if (character === null) return []
    return [{ mistake: 'invisible-character' as const, values: { character, where } }]
  })
}

/** What a command leaves to the shell that runs it. */
function commandFindings(request: Pasted): Finding[] {
  if (request.kind !== 'curl') return []
  const file = /^@(\S+)$/.exec(request.body ?? '')?.[1]
  if (file !== undefined) return [{ mistake: 'body-in-a-file', values: { file } }]
  const texts = [request.url, headerOf(request, 'authorization') ?? '', headerOf(request, 'signature') ?? '']
  const name = texts.map((text) => /\$\{?([A-Za-z_]\w*)\}?/.exec(text)?.[0]).find((one) => one !== undefined)
  return name === undefined ? [] : [{ mistake: 'variables-in-command', values: { name } }]
}
