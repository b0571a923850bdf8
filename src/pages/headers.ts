import type { MiddlewareHandler } from 'hono'
import type { Config } from '../config.ts'
import type { PageContext, PageEnv } from './env.ts'

const policy = (formTargets: readonly string[], framers: readonly string[] | null, connects = framers !== null) =>
  [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "img-src 'self' data:",
    "base-uri 'none'",
    ["form-action 'self'", ...formTargets].join(' '),
    // A page in a frame looks by itself for what it waits for.
    ...(connects ? ["connect-src 'self'"] : []),
    ['frame-ancestors', ...(framers?.length ? framers : ["'none'"])].join(' '),
  ].join('; ')

const HEADERS = {
  // Nothing for other sites. Not `no-referrer`: browsers then hide the origin of our own forms from us, too.
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

/** The same for a page that is sent outside of the frame's middleware. */
export const headersOfPage = (): Record<string, string> => ({ 'content-security-policy': policy([], null), ...HEADERS })

/** What every page and asset is sent with. Nothing inline and nothing foreign runs; nobody frames a page that does not say who may. */
export function pageHeaders(mode: Config['mode']): MiddlewareHandler<PageEnv> {
  return async (c, next) => {
    await next()
    c.res.headers.set(
      'content-security-policy',
      policy(c.get('formTargets') ?? [], c.get('framers') ?? null, c.get('connects')),
    )
    for (const [name, value] of Object.entries(HEADERS)) {
      // A family may be stricter about referrers, or use the camera.
      if (!c.res.headers.has(name)) c.res.headers.set(name, value)
    }
    if (mode === 'production') c.res.headers.set('strict-transport-security', 'max-age=31536000')
    if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store')
  }
}

/**
 * Lets the forms of this page lead to another site by a redirect, as a consent does: Chromium holds the whole chain of redirects
 * behind a form against the policy of the page that holds it.
 * @param url where the chain ends; only its origin, or the scheme of an application, gets into the policy
 */
export function allowFormTarget(c: PageContext, url: string): void {
  const { origin, protocol } = new URL(url)
  const target = origin === 'null' ? protocol : origin
  if (/^[a-z][a-z0-9+.-]*:[A-Za-z0-9.:/[\]-]*$/.test(target)) c.set('formTargets', [...c.get('formTargets'), target])
}

/**
 * Lets these sources, and nobody else, frame this page. One that may be framed works without cookies, since what a frame on another
 * site is shown and clicked for must not be somebody's who is signed in here.
 * @param sources of the policy's directive, already checked; none: nobody
 */
export function allowFraming(c: PageContext, sources: string[]): void {
  c.set('framers', sources)
}
