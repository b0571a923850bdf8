import { BlockList, isIP } from 'node:net'

/** Which addresses may be dialled. */
export type AddressRules = {
  /** whether the operator allows any */
  readonly allowsInside: boolean
  /** in a block that the operator allows, wherever it is */
  isAllowed(address: string): boolean
  /** on the public internet */
  isPublic(address: string): boolean
}

// IANA's special-purpose registries (RFC 6890 with its updates): what is not globally reachable, or leads elsewhere.
const CLOSED_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]
// Global unicast is 2000::/3. Of it: protocol assignments with Teredo, documentation, 6to4 and the direct-delegation AS112 block;
// those with an IPv4 address inside could lead anywhere.
const OPEN_V6 = '2000::/3'
const CLOSED_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20']

/** @param blocks addresses or CIDR blocks that are allowed beside the public ones */
export function createAddressRules(blocks: readonly string[]): AddressRules {
  const allowed = blockList(blocks)
  return {
    allowsInside: blocks.length > 0,
    isAllowed: (address) => contains(allowed, plain(address)),
    isPublic(address) {
      const text = plain(address)
      if (isIP(text) === 4) return !contains(closedV4, text)
      return isIP(text) === 6 && contains(openV6, text) && !contains(closedV6, text)
    },
  }
}

/** An IPv4 address inside an IPv6 one (RFC 4291 section 2.5.5.2) is dialled as IPv4, and is judged as that. */
function plain(address: string): string {
  const mapped = URL.parse(`http://[${address}]`)?.hostname.match(/^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/)
  if (!mapped) return address
  const [high, low] = [Number.parseInt(mapped[1] as string, 16), Number.parseInt(mapped[2] as string, 16)]
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

function blockList(blocks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const block of blocks) {
    const [address = '', bits] = block.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    list.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family)
  }
  return list
}

const contains = (list: BlockList, address: string) => list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

const closedV4 = blockList(CLOSED_V4)
const openV6 = blockList([OPEN_V6])
const closedV6 = blockList(CLOSED_V6)
