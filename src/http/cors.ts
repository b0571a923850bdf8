import type { IncomingMessage } from 'node:http'

/** Addresses that browser applications of other origins may call, and how. Everything else never sends a CORS header. */
export type CorsRule = {
  /** a path, a prefix that ends in `*`, or the wallet routes */
  readonly path: string
  readonly methods: readonly string[]
  /** Answers that caches may keep must say that they depend on the origin, whoever asks. */
  readonly cached: boolean
}

export const WALLET_ROUTES = '/:walletID/*'

/**
 * The whole of it (DESIGN.md, "Origins"): what a public client needs from a page of its own. Not here, because they are for back
 * ends or for people: admin, introspection, pushed requests, the pages, metrics, and every partner protocol.
 */
export const CORS_RULES: readonly CorsRule[] = [
  { path: '/oauth/token', methods: ['POST'], cached: false },
  { path: '/oauth/revoke', methods: ['POST'], cached: false },
  { path: '/oauth/jwks', methods: ['GET', 'HEAD'], cached: true },
  { path: '/.well-known/*', methods: ['GET', 'HEAD'], cached: true },
  { path: WALLET_ROUTES, methods: ['GET', 'POST'], cached: false },
]

const REQUEST_HEADERS = 'authorization, content-type, idempotency-key, dpop'
const EXPOSED_HEADERS = 'www-authenticate, retry-after, x-request-id'
/** How long a browser may keep the answer to a preflight. The answer itself is checked each time. */
const PREFLIGHT_S = 600

const WALLET_RULE = CORS_RULES.find(({ path }) => path === WALLET_ROUTES) as CorsRule

function corsRuleOf(path: string, wallet: boolean): CorsRule | undefined {
  if (wallet) return WALLET_RULE
  return CORS_RULES.find((rule) =>
    rule.path.endsWith('*') ? path.startsWith(rule.path.slice(0, -1)) : path === rule.path,
  )
}

/** What CORS adds to an answer; `preflight`: it is the whole answer. */
export type Cors = { readonly headers: Record<string, string>; readonly preflight: boolean }

/**
 * Decides for each request by the table. Null where there is nothing to add, at once for what comes from no other origin.
 * @param origins who may call; when that cannot be learnt nobody may
 */
export function createCors(origins: { allows(origin: string): boolean | Promise<boolean> }) {
  return function cors(req: IncomingMessage, path: string, wallet: boolean): Cors | null | Promise<Cors | null> {
    const { origin } = req.headers
    if (origin === undefined && wallet) return null
    const rule = corsRuleOf(path, wallet)
    if (!rule) return null
    if (origin === undefined) return rule.cached ? { headers: { vary: 'Origin' }, preflight: false } : null
    const preflight = req.method === 'OPTIONS' && req.headers['access-control-request-method'] !== undefined
    const decide = (allowed: boolean): Cors => {
      if (!preflight || !allowed) return { headers: corsHeaders(origin, allowed), preflight: false }
      return { headers: preflightHeaders(rule, origin), preflight: true }
    }
    const allowed = origins.allows(origin)
    return allowed instanceof Promise ? allowed.catch(() => false).then(decide) : decide(allowed)
  }
}

/** Headers of every answer on a path with a rule, errors included. Never `Allow-Credentials`: no cookie is of use here. */
function corsHeaders(origin: string, allowed: boolean): Record<string, string> {
  if (!allowed) return { vary: 'Origin' }
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': EXPOSED_HEADERS,
    vary: 'Origin',
  }
}

/** Headers of the answer to a preflight from a registered origin (Fetch standard, "CORS-preflight fetch"). */
function preflightHeaders(rule: CorsRule, origin: string): Record<string, string> {
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-methods': rule.methods.join(', '),
    'access-control-allow-headers': REQUEST_HEADERS,
    'access-control-max-age': String(PREFLIGHT_S),
    vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
  }
}
