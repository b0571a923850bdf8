/** Lower-case hexadecimal, as Walleo and Tillo write their signatures. */
export function encodeHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return text
}

/** The bytes of hexadecimal digits in either case; null for anything else, an odd number of digits and no digits at all included. */
export function decodeHex(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^(?:[0-9a-fA-F]{2})+$/.test(text)) return null
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16)
  return bytes
}

/** HMAC-SHA256 over a text's UTF-8 bytes, by WebCrypto. */
export async function hmacSha256(key: CryptoKey, text: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(text)))
}

/** {@link hmacSha256} as 64 lower-case hexadecimal digits. */
export const hmacHex = async (key: CryptoKey, text: string): Promise<string> => encodeHex(await hmacSha256(key, text))
