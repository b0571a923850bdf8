/** Where the authorization server answers; everything else below `/oauth` is a 404. */
export const PATHS = {
  authorize: '/oauth/authorize',
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
  [PATHS.token, ['POST']],
  [PATHS.revoke, ['POST']],
  [PATHS.introspect, ['POST']],
  [PATHS.jwks, READ],
  [PATHS.metadata, READ],
  [PATHS.openidMetadata, READ],
])

/** Whether a path belongs to the authorization server, its own 404s included. */
export const isOauthPath = (path: string): boolean =>
  path === '/oauth' || path.startsWith('/oauth/') || path === PATHS.metadata || path === PATHS.openidMetadata
