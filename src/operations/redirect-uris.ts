import { OperationRefusal } from './input.ts'

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])
const MOST = 20

/**
 * The addresses that a client's answers may be sent to, each once. Absolute, without a fragment (RFC 6749 section 3.1.2), and over
 * TLS unless they stay on the machine (RFC 9700 section 2.6).
 */
export function requireRedirectUris(uris: readonly string[]): string[] {
  const each = [...new Set(uris)]
  if (each.length > MOST) throw refuse(`a client has ${MOST} redirect URIs at most`)
  for (const uri of each) {
    const url = URL.parse(uri)
    const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.has(url.hostname))
    if (!url || !secure || uri.includes('#') || url.username || url.password || uri.length > 2_000)
      throw refuse('a redirect URI is https, or http on this machine, without #')
  }
  return each
}

const refuse = (message: string) => new OperationRefusal('invalid_input', 'redirect_uris', message)

export const implicitNeedsRedirectUri = () =>
  new OperationRefusal('invalid_input', 'implicit', 'the implicit flow needs a redirect URI')
