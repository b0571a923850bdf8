// What stands before the path of an address on the same machine, apart from the port (RFC 8252 section 7.3).
const LOOPBACK = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost))(?::\d{1,5})?(?=[/?]|$)/

/**
 * Whether a redirect URI is one that was registered: character by character (RFC 9700 section 2.1), save that an application on the
 * same machine may listen on any port.
 */
export function isRegisteredRedirectUri(registered: readonly string[], asked: string): boolean {
  if (registered.includes(asked)) return true
  const rest = withoutPort(asked)
  return rest !== null && URL.canParse(asked) && registered.some((uri) => withoutPort(uri) === rest)
}

const withoutPort = (uri: string): string | null => (LOOPBACK.test(uri) ? uri.replace(LOOPBACK, '$1') : null)
