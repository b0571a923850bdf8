import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { AddressRules } from './address-rules.ts'

/** An address must not be dialled, or cannot be found; `message` tells its owner why, and nothing of the network behind. */
export class GuardRefusal extends Error {
  override name = 'GuardRefusal'
}

/** Where to connect: what was checked, not what a name may mean a moment later. */
export type Target = { readonly url: URL; readonly addresses: readonly string[] }

/** All addresses of a name. Tests put their own in its place. */
export type Resolve = (hostname: string) => Promise<readonly string[]>

export const resolveByDns: Resolve = async (hostname) =>
  (await lookup(hostname, { all: true, verbatim: true })).map(({ address }) => address)

/** Below 1024 other services than web servers listen; above, TLS is asked for. */
const isPublicPort = (port: number) => port === 443 || port >= 1024

/**
 * What can be said of an address as text: at the door, where it is given, and again before each attempt.
 * @throws {GuardRefusal}
 */
export function readReceiverUrl(text: string, rules: AddressRules): URL {
  const url = URL.parse(text)
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) throw new GuardRefusal('it is no http(s) URL')
  if (url.username !== '' || url.password !== '') throw new GuardRefusal('a URL with a user name is not called')
  if (url.hash !== '') throw new GuardRefusal('a URL with a fragment is not called')
  if (text.length > 2000) throw new GuardRefusal('a URL has at most 2000 characters')
  const host = hostOf(url)
  if (host === '') throw new GuardRefusal('the URL names no host')
  // A name may lead to where plain http is allowed; where none is, it need not be looked up to know.
  if (url.protocol !== 'https:' && !rules.allowsInside) throw new GuardRefusal('only https is called')
  // The URL parser has turned every spelling of an IPv4 address into the usual one.
  if (isIP(host)) requireReachable(url, [host], rules)
  return url
}

/**
 * Finds out where a URL leads and whether that may be called. A name counts with all its addresses: one that is not allowed
 * forbids it, because which of them is dialled would be chance.
 * @throws {GuardRefusal}
 */
export async function checkTarget(text: string, rules: AddressRules, resolve: Resolve): Promise<Target> {
  const url = readReceiverUrl(text, rules)
  const host = hostOf(url)
  const addresses = isIP(host) ? [host] : await resolve(host).catch(() => [])
  if (addresses.length === 0) throw new GuardRefusal('the host has no address')
  requireReachable(url, addresses, rules)
  return { url, addresses }
}

function requireReachable(url: URL, addresses: readonly string[], rules: AddressRules): void {
  if (addresses.every(rules.isAllowed)) return
  if (!addresses.every((address) => rules.isAllowed(address) || rules.isPublic(address)))
    throw new GuardRefusal('the host is at an address that is not called')
  if (url.protocol !== 'https:') throw new GuardRefusal('only https is called')
  if (!isPublicPort(Number(url.port || 443))) throw new GuardRefusal('the port is not called')
}

/** Without the brackets of an IPv6 address. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '')
