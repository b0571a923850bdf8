/** What a key of the admin API may do. */
export const ADMIN_SCOPES = [
  'parties:read',
  'parties:write',
  'wallets:read',
  'wallets:write',
  'clients:read',
  'clients:write',
  'keys:write',
  'ledger:read',
] as const

export type AdminScope = (typeof ADMIN_SCOPES)[number]
