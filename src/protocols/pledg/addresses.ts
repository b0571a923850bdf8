import type { Config } from '../../config.ts'
import { invalid } from './errors.ts'

/** Whose addresses these are, and whether the merchant itself has vouched for them. */
type Origin = {
  mode: Config['mode']
  /** The request carries the merchant's signature. */
  signed: boolean
  /** names of hosts that unsigned requests may lead to */
  hosts: readonly string[]
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/**
 * An address that a person is sent to, or that is told of a payment. A signed request may name any by https; an unsigned one, which
 * anybody can write, only the merchant's registered hosts: this server leads nobody where a stranger wants.
 * @returns the address in its normal form, null where there is none
 * @throws {PledgProblem}
 */
export function readAddress(field: string, text: string | undefined, { mode, signed, hosts }: Origin): string | null {
  if (text === undefined) return null
  // Browsers drop these and read on, so that what is checked would not be what is opened.
  if (/[\s\p{Cc}\\]/u.test(text)) throw invalid(field, 'must not hold blanks or backslashes')
  const url = URL.parse(text)
  const local = url?.protocol === 'http:' && mode === 'sandbox' && LOOPBACK.test(url.hostname)
  if (!url || !(url.protocol === 'https:' || local)) throw invalid(field, 'must be an https address')
  if (url.username !== '' || url.password !== '') throw invalid(field, 'must not hold a name or a password')
  if (!signed && !isRegistered(url, hosts))
    throw invalid(field, 'is not at a host that the merchant has registered for unsigned requests')
  return url.href
}

/** Hosts are registered without a port: the usual one is meant, and of a loopback host any (RFC 8252 section 7.3). */
const isRegistered = ({ port, hostname }: URL, hosts: readonly string[]): boolean =>
  hosts.includes(hostname) && (port === '' || LOOPBACK.test(hostname))
