import type { Config } from '../../config.ts'

// A source of a Content-Security-Policy (W3C CSP 3, section 2.3.1), and no more of its grammar than an allowed domain needs: nothing in
// it can end the directive.
const DOMAIN = /^(https?:\/\/)?((?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*)(:(?:\d{1,5}|\*))?$/

/**
 * Who may frame the pages of a partner, as sources of `frame-ancestors`. A domain stands for itself under https, in a sandbox also
 * under http, and for its subdomains where it begins with `*.`; an origin for itself.
 */
export function framersOf(domains: readonly string[], mode: Config['mode']): string[] {
  return domains.flatMap((domain) => {
    const [, scheme, host, port = ''] = DOMAIN.exec(domain.toLowerCase().replace(/\/$/, '')) ?? []
    if (host === undefined) return []
    const schemes = scheme === undefined ? ['https://', 'http://'] : [scheme]
    return schemes.filter((one) => one === 'https://' || mode === 'sandbox').map((one) => `${one}${host}${port}`)
  })
}

/** Whether an origin is one of these sources. */
export function isFramer(origin: string, framers: readonly string[]): boolean {
  const url = URL.parse(origin)
  if (url === null || url.origin !== origin) return false
  return framers.some((framer) => {
    const [, scheme, host = '', port = ''] = DOMAIN.exec(framer) ?? []
    if (scheme !== `${url.protocol}//`) return false
    const sameHost = host.startsWith('*.') ? url.hostname.endsWith(host.slice(1)) : url.hostname === host
    return sameHost && (port === ':*' || port.slice(1) === url.port || isDefaultPort(port, url))
  })
}

const isDefaultPort = (port: string, { protocol, port: own }: URL): boolean =>
  own === '' && port === (protocol === 'https:' ? ':443' : ':80')
