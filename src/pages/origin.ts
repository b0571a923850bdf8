import type { Config } from '../config.ts'
import type { PageContext } from './env.ts'

/**
 * The address of this server as the browser sees it, for cookies and for telling our forms from others'. In production only
 * configured ones count; in the sandbox also the host that was asked for, which is whatever reaches this machine.
 */
export function ownOrigins(config: Pick<Config, 'mode' | 'publicUrls'>, host: string | undefined): string[] {
  if (config.mode === 'production' || host === undefined) return config.publicUrls
  const asked = URL.parse(`http://${host}`)?.origin
  return asked === undefined ? config.publicUrls : [...config.publicUrls, asked, asked.replace('http:', 'https:')]
}

/** Whether browsers reach us by TLS: production allows no other, and cookies then belong to TLS only. */
export const isSecure = (config: Pick<Config, 'publicUrls'>): boolean =>
  config.publicUrls.length > 0 && config.publicUrls.every((url) => url.startsWith('https:'))

const LONGEST_PATH = 2000

/**
 * A path of our own to go on with, from a request's text.
 * @returns null for what would lead elsewhere (`//host`, `/\host`, a scheme) or is no path
 */
export function ownPath(text: string | undefined | null): string | null {
  if (!text || text.length > LONGEST_PATH || !/^\/(?![/\\])[\x21-\x7e]*$/.test(text) || text.includes('\\')) return null
  const base = 'http://own.invalid'
  const url = URL.parse(text, base)
  // Dots in a path may leave two slashes at its head, which a browser reads as a host.
  if (!url || url.origin !== base || url.pathname.startsWith('//')) return null
  return url.pathname + url.search + url.hash
}

/** Where a person is to come back to after signing in: this page, or for a form the page that holds it. */
export function returnPath(c: PageContext): string {
  const { pathname, search } = new URL(c.req.url)
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return ownPath(pathname + search) ?? '/'
  const referrer = URL.parse(c.req.header('referer') ?? '')
  return ownPath(referrer && referrer.host === c.req.header('host') ? referrer.pathname + referrer.search : null) ?? '/'
}
