/** What an API key may do. The sandbox operator's key has all of them. */
export const ADMIN_SCOPES = [
  'parties:read',
  'parties:write',
  'wallets:read', // with balances and limits, without histories
  'wallets:write',
  'clients:read',
  'clients:write', // shows new secrets
  'api-keys:read',
  'api-keys:write', // gives no more than the key has itself
  'ledger:read', // statements, and balances of the past
] as const

export type AdminScope = (typeof ADMIN_SCOPES)[number]
