const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The pair of a Basic authorization. */
export type BasicPair = { readonly name: string; readonly secret: string }

/**
 * Reads `Basic base64(name:secret)` (RFC 7617): the name ends at the first colon, so a secret may hold others. The base64 is
 * canonical, padded or not, and its bytes are UTF-8 without control characters.
 * @returns null for anything else
 */
export function readBasic(authorization: string | undefined): BasicPair | null {
  const [, encoded] = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization ?? '') ?? []
  if (encoded === undefined) return null
  const bytes = Buffer.from(encoded, 'base64')
  const canonical = bytes.toString('base64')
  if (encoded !== canonical && encoded !== canonical.replace(/={1,2}$/, '')) return null
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    return null
  }
  const cut = text.indexOf(':')
  if (cut < 1 || /\p{Cc}/u.test(text)) return null
  return { name: text.slice(0, cut), secret: text.slice(cut + 1) }
}
