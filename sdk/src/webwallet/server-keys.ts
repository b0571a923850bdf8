import { WebWalletError } from './error.ts'
import type { Transport } from './transport.ts'

/** A server's public keys by name (RFC 7517), fetched when an unknown one is asked for, and anew after a while. */
export type ServerKeys = (kid: string) => Promise<CryptoKey | null>

/** A key that the server has taken back counts this long at most. */
const longestKept = 5 * 60_000
/** Names that nobody knows must not become a request each. */
const shortestKept = 10_000

/** @param clock milliseconds since the epoch */
export function createServerKeys(url: string, send: Transport, clock: () => number): ServerKeys {
  let known: { at: number; keys: Promise<Map<string, CryptoKey>> } | null = null

  return async (kid) => {
    const found = known && clock() - known.at < longestKept ? (await known.keys).get(kid) : undefined
    if (found) return found
    if (known === null || clock() - known.at >= shortestKept) {
      const asked = { at: clock(), keys: fetchKeys(url, send) }
      known = asked
      asked.keys.catch(() => {
        if (known === asked) known = null
      })
    }
    return (await known.keys).get(kid) ?? null
  }
}

async function fetchKeys(url: string, send: Transport): Promise<Map<string, CryptoKey>> {
  const answer = await send({ method: 'GET', url, headers: () => ({ accept: 'application/json' }) })
  const listed = answer.status === 200 ? readKeys(answer.text) : null
  if (listed === null) {
    throw new WebWalletError('answer-malformed', 'The server answers with no key set', { status: answer.status })
  }
  const keys = new Map<string, CryptoKey>()
  for (const { kid, kty, crv, x, y } of listed) {
    if (typeof kid !== 'string' || kty !== 'EC' || crv !== 'P-256' || !x || !y) continue
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
    keys.set(kid, await crypto.subtle.importKey('jwk', { kty, crv, x, y }, algorithm, false, ['verify']))
  }
  return keys
}

function readKeys(text: string): (JsonWebKey & { kid?: unknown })[] | null {
  try {
    const { keys } = JSON.parse(text)
    return Array.isArray(keys) ? keys : null
  } catch {
    return null
  }
}
