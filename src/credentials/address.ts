import type { IncomingMessage } from 'node:http'
import { BlockList, isIP, isIPv6 } from 'node:net'

/** The address a request came from, by which it may be throttled. */
export type ReadAddress = (remote: string | undefined, forwarded: string | undefined) => string

/**
 * Believes `X-Forwarded-For` only of the proxies that are named, and of each entry only as far back as trusted proxies wrote it:
 * what stands further to the left the caller may have made up.
 * @param proxies addresses or CIDR blocks
 */
export function createAddressReader(proxies: readonly string[]): ReadAddress {
  const isTrusted = createAddressSet(proxies)

  return (remote, forwarded) => {
    let address = plain(remote ?? '')
    const hops = (forwarded ?? '').split(',').map((hop) => plain(hop.trim()))
    while (isTrusted(address)) {
      const hop = hops.pop()
      if (hop === undefined || !isIP(hop)) break
      address = hop
    }
    return address
  }
}

/** The same for Node's own requests. */
export function createRequestAddress(proxies: readonly string[]): (req: IncomingMessage) => string {
  const read = createAddressReader(proxies)
  return ({ socket, headers }) => {
    const forwarded = headers['x-forwarded-for']
    return read(socket.remoteAddress, Array.isArray(forwarded) ? forwarded.join() : forwarded)
  }
}

/** Tells whether an address is one of these. @param blocks addresses or CIDR blocks */
export function createAddressSet(blocks: readonly string[]): (address: string) => boolean {
  const list = new BlockList()
  for (const block of blocks) {
    const [address = '', bits] = block.split('/')
    if (bits === undefined) list.addAddress(address, family(address))
    else list.addSubnet(address, Number(bits), family(address))
  }
  return (address) => isIP(address) !== 0 && list.check(address, family(address))
}

const family = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

/** IPv4 as it is written, also when it arrives in an IPv6 socket. */
const plain = (address: string) => address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')

/** What counts as one caller: one customer has a whole /64 of IPv6 addresses. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('%', 1)[0]?.toLowerCase().split('::') ?? []
  const groups = head.split(':').filter((group) => group !== '')
  const rest = (tail ?? '').split(':').filter((group) => group !== '')
  const zeros = tail === undefined ? 0 : 8 - groups.length - rest.length
  const all = [...groups, ...Array.from({ length: Math.max(0, zeros) }, () => '0'), ...rest]
  return all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}
