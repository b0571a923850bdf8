import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { diagnose, exampleValues, explainSigning, type Mistake, type SigningScheme } from '#sdk/explain/index.ts'

/** The moment at which every request of these tests is made and judged. */
export const now = 1_795_000_000_000
export const seconds = String(now / 1000)
export const origin = 'https://billfold.example'

export const examples = (scheme: SigningScheme) => exampleValues(scheme, origin, now)

type Request = { method: string; url: string; headers: Record<string, string>; body: string | undefined }

/** A request as a log of the network shows it. */
export function raw({ method, url, headers, body }: Request): string {
  const { host, pathname, search } = new URL(url)
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}`)
  return `${method} ${pathname}${search} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body ?? ''}`
}

/** The example of a scheme, signed as it has to be. */
export async function rightRequest(scheme: SigningScheme, values: Record<string, string> = {}) {
  return (await explainSigning(scheme, { ...examples(scheme), ...values }, now)).request
}

export const hmac = (
  key: string | Buffer,
  text: string,
  encoding: 'hex' | 'base64' | 'base64url' = 'hex',
  algorithm = 'sha256',
) => createHmac(algorithm, key).update(text).digest(encoding)
export const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
export const base64url = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** A mistake, a request in which it was made, and what the one who asks fills in beside the example's values. */
export type Made = readonly [
  mistake: Mistake,
  pasted: string,
  values?: Record<string, string>,
  /** Milliseconds after the request was made. */
  later?: number,
]

/** Each mistake is found, by its name, and no other before it. */
export async function judge(scheme: SigningScheme, table: readonly Made[]): Promise<void> {
  const named = new Set(table.map(([mistake]) => mistake))
  assert.ok(named.size >= 8, `${named.size} mistakes of ${scheme}`)
  for (const [mistake, pasted, values = {}, later = 0] of table) {
    const { valid, findings } = await diagnose(scheme, pasted, { ...examples(scheme), ...values }, now + later)
    assert.equal(valid, false, `${mistake}: it is found good\n${pasted}`)
    assert.equal(findings[0]?.mistake, mistake, `${JSON.stringify(findings)}\n${pasted}`)
    // A character that is not seen spoils what it stands in, and that is told, too.
    if (mistake === 'invisible-character') continue
    assert.equal(findings.length, 1, `${mistake}: ${JSON.stringify(findings)}`)
  }
}
