/**
 * The `htu` of a DPoP proof, made comparable: without query and fragment, normalised by syntax and scheme (RFC 9449 section 4.3,
 * RFC 3986 sections 6.2.2 and 6.2.3). Null for what is no absolute http(s) URL.
 */
export function normaliseTarget(uri: string): { origin: string; path: string } | null {
  // The URL standard forgives blanks and backslashes; a proof has no business with them.
  if (!/^https?:\/\/[\x21-\x5b\x5d-\x7e]+$/i.test(uri)) return null
  const url = URL.parse(uri)
  if (url?.username !== '' || url.password !== '') return null
  return { origin: url.origin, path: normalisePath(url.pathname) }
}

const UNRESERVED = /[A-Za-z0-9._~-]/

/** Percent-encoded octets in one spelling: unreserved characters as they are, the others in capitals. */
function normalisePath(path: string): string {
  return path.replace(/%[0-9A-Fa-f]{2}/g, (octet) => {
    const character = String.fromCharCode(Number.parseInt(octet.slice(1), 16))
    return UNRESERVED.test(character) ? character : octet.toUpperCase()
  })
}
