/** The pairs of `application/x-www-form-urlencoded` (URL standard, 5.1), read by hand. */
export function formPairs(body: string): [string, string][] {
  return body
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const cut = pair.indexOf('=')
      return cut < 0 ? [unescaped(pair), ''] : [unescaped(pair.slice(0, cut)), unescaped(pair.slice(cut + 1))]
    })
}

function unescaped(text: string): string {
  const bytes = Buffer.from(text.replaceAll('+', ' '))
  const out: number[] = []
  for (let i = 0; i < bytes.length; i++) {
    const hex = bytes.toString('latin1', i + 1, i + 3)
    if (bytes[i] === 37 && /^[0-9a-fA-F]{2}$/.test(hex)) {
      out.push(Number.parseInt(hex, 16))
      i += 2
    } else out.push(bytes[i] as number)
  }
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(out))
}
