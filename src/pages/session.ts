import type { Context, MiddlewareHandler } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { Config } from '../config.ts'
import type { Keyring } from '../credentials/keyring.ts'
import {
  formToken,
  formTokenMatches,
  isCookieToken,
  makeCookieToken,
  readWebSession,
} from '../credentials/web-session.ts'
import { negotiateLanguage } from '../domain/language.ts'
import type { Sql } from '../storage/database.ts'
import { createAddressReader } from './address.ts'
import type { PageEnv } from './env.ts'
import { isLanguage } from './messages.ts'
import { isSecure, ownOrigins, returnPath } from './origin.ts'
import { PageProblem } from './problem.ts'

export type { PageContext, PageEnv, PageSession } from './env.ts'

type SessionDeps = {
  config: Pick<Config, 'mode' | 'publicUrls' | 'trustedProxies' | 'requireSecondFactor'>
  db: Sql
  keyring: Keyring
}

/** `billfold_…`, with the prefix that ties it to TLS and to this host (RFC 6265bis section 4.1.3.2) where there is TLS. */
export type PageCookies = {
  read(c: Context, name: PageCookie): string | undefined
  /** @param maxAge seconds; absent: until the browser is closed */
  write(c: Context, name: PageCookie, value: string, maxAge?: number): void
  remove(c: Context, name: PageCookie): void
  /**
   * What forms prove themselves with before sign-in. Pages that a fresh browser asks for at once are each given a cookie of their own
   * name, so that none takes another's away.
   */
  readForms(c: Context): string[]
  writeForm(c: Context, token: string): void
}

/**
 * `half`: between password and second factor. `factor`: a second factor was shown in this browser before; opens nothing, as `device`
 * does not.
 */
export type PageCookie = 'session' | 'form' | 'device' | 'half' | 'factor'

export const cookieName = (config: Pick<Config, 'publicUrls'>, name: PageCookie): string =>
  `${isSecure(config) ? '__Host-' : ''}billfold_${name}`

export function createCookies(config: Pick<Config, 'publicUrls'>): PageCookies {
  const secure = isSecure(config)
  const full = (name: PageCookie) => cookieName(config, name)
  const attributes = { httpOnly: true, sameSite: 'Lax', path: '/', secure } as const
  return {
    read: (c, name) => getCookie(c, full(name)),
    write(c, name, value, maxAge) {
      setCookie(c, full(name), value, { ...attributes, ...(maxAge !== undefined && { maxAge }) })
    },
    remove: (c, name) => void deleteCookie(c, full(name), { path: '/', secure }),
    readForms: (c) =>
      Object.entries(getCookie(c))
        .filter(([name, value]) => name.startsWith(full('form')) && isCookieToken(value))
        .slice(0, MOST_FORMS)
        .map(([, value]) => value),
    writeForm: (c, token) => setCookie(c, `${full('form')}_${token.slice(0, 8)}`, token, attributes),
  }
}

/** Each costs a MAC to look at. */
const MOST_FORMS = 50

/** Finds out who asks, in which language, and how their forms prove themselves. Costs the database nothing without a cookie. */
export function readSession(deps: SessionDeps): MiddlewareHandler<PageEnv> {
  const { config, db } = deps
  const cookies = createCookies(config)
  const keys = deps.keyring.deriveEach('page-forms')
  const key = keys[0] as Buffer
  const readAddress = createAddressReader(config.trustedProxies ?? [])
  return async (c, next) => {
    const token = cookies.read(c, 'session')
    const address = readAddress(c.env?.incoming?.socket?.remoteAddress, c.req.header('x-forwarded-for'))
    const row = await readWebSession({ db }, token, address)
    c.set('address', address)
    c.set('formTargets', [])
    c.set('language', isLanguage(row?.language) ? row.language : negotiateLanguage(c.req.header('accept-language')))
    c.set(
      'session',
      row && token
        ? {
            id: row.id,
            partyId: row.party_id,
            name: row.name,
            email: row.email,
            operator: row.operator,
            business: row.kind === 'business',
            role: row.role,
            totp: row.totp,
            passkey: row.passkey,
            mustSecure: config.requireSecondFactor === true && row.operator && !row.totp && !row.passkey,
            csrf: formToken(key, token),
            signedInAt: row.created_at.getTime(),
          }
        : null,
    )
    const own = row && token ? [token] : []
    const before = cookies.readForms(c)
    let used = own[0] ?? before[0]
    c.set('csrf', () => {
      if (used === undefined) {
        used = makeCookieToken()
        cookies.writeForm(c, used)
      }
      return formToken(key, used)
    })
    c.set('checkForm', (csrf, { signsIn = false } = {}) => {
      requireOwnOrigin(c, ownOrigins(config, c.req.header('host')))
      const tokens = own.length > 0 && !signsIn ? own : [...own, ...before]
      const proven = tokens.find((one) => csrf !== undefined && keys.some((by) => formTokenMatches(by, one, csrf)))
      if (proven === undefined) throw new PageProblem('form-expired')
      used = proven
    })
    await next()
  }
}

/** Beside the token: what browsers themselves say of where a form came from. */
function requireOwnOrigin(c: Context, own: string[]): void {
  const site = c.req.header('sec-fetch-site')
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw new PageProblem('form-foreign')
  const origin = c.req.header('origin')
  // A browser that hides the origin of its own pages still says by Sec-Fetch-Site that they are ours.
  if (origin === undefined || (origin === 'null' && site !== undefined)) return
  if (!own.includes(origin)) throw new PageProblem('form-foreign')
}

/** Where to sign in. Who sent a form is told there that it was not taken. @param next where to go on */
export const signInPath = (c: Context, next: string): string =>
  `/sign-in?next=${encodeURIComponent(next)}${/^(GET|HEAD)$/.test(c.req.method) ? '' : '&done=unsent'}`

/**
 * For pages that are somebody's: sends others to sign in, and back here afterwards. Who must set up a second factor first has no page
 * but those of the account.
 */
export function requireSession(): MiddlewareHandler<PageEnv> {
  return async (c, next) => {
    const session = c.get('session')
    if (session?.mustSecure && !/^\/account(\/|$)/.test(c.req.path))
      return c.redirect('/account/security?required=1', 303)
    if (session) return next()
    return c.redirect(signInPath(c, returnPath(c)), 303)
  }
}

/** For the pages of a party's money: a viewer of its team looks at them, and sends nothing from them. Behind `requireSession`. */
export function refuseViewers(): MiddlewareHandler<PageEnv> {
  return async (c, next) => {
    const reads = c.req.method === 'GET' || c.req.method === 'HEAD'
    if (!reads && c.get('session')?.role === 'viewer') throw new PageProblem('forbidden')
    return next()
  }
}

/** The session of a page behind `requireSession`. */
export function sessionOf(c: Context<PageEnv>) {
  const session = c.get('session')
  if (!session) throw new PageProblem('forbidden')
  return session
}
