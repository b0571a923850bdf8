/** Which family of routes answers a path that is neither a wallet's nor OAuth's; for metrics, logs and the table of routes. */
export const familyOf = (path: string): string => FAMILIES.find(([prefix]) => path.startsWith(prefix))?.[1] ?? 'web'

const FAMILIES: readonly (readonly [prefix: string, family: string])[] = [
  ['/admin/', 'admin'],
  ['/partners/v1/', 'walleo'],
  ['/api/v2/', 'tillo'],
  ['/api/', 'pledg'],
  ['/v2/', 'jackpot'],
  ['/token', 'jackpot'],
]
