/** Where the authorization server answers; everything else below `/oauth` is a 404. */
export const PATHS = {
  authorize: '/oauth/authorize',
  resume: '/oauth/authorize/:uid',
  par: '/oauth/par',
  token: '/oauth/token',
  revoke: '/oauth/revoke',
  introspect: '/oauth/introspect',
  jwks: '/oauth/jwks',
  metadata: '/.well-known/oauth-authorization-server',
  openidMetadata: '/.well-known/openid-configuration',
} as const

const READ = ['GET', 'HEAD'] as const

export const ROUTES: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  [PATHS.authorize, ['GET']],
  [PATHS.resume, ['GET']],
  [PATHS.par, ['POST']],
  [PATHS.token, ['POST']],
  [PATHS.revoke, ['POST']],
  [PATHS.introspect, ['POST']],
  [PATHS.jwks, READ],
  [PATHS.metadata, READ],
  [PATHS.openidMetadata, READ],
])

/** The route that a path belongs to, as it stands in {@link ROUTES}; undefined for a path that is none of ours. */
export function routeOf(path: string): string | undefined {
  if (/^\/oauth\/authorize\/[\w-]{1,64}$/.test(path)) return PATHS.resume
  return path !== PATHS.resume && ROUTES.has(path) ? path : undefined
}

/** Whether a path belongs to the authorization server, its own 404s included. */
export const isOauthPath = (path: string): boolean =>
  path === '/oauth' || path.startsWith('/oauth/') || path === PATHS.metadata || path === PATHS.openidMetadata
