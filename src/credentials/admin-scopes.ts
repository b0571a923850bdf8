/** What an API key may do. The sandbox operator's key has all of them. */
export const ADMIN_SCOPES = [
  'parties:read',
  'parties:write',
  'people:export', // everything of a person
  'people:erase',
  'wallets:read', // with balances and limits, without histories
  'wallets:write',
  'clients:read',
  'clients:write', // shows new secrets
  'api-keys:read',
  'api-keys:write', // gives no more than the key has itself
  'ledger:read', // statements, and balances of the past
  'partners:read', // with their floats
  'partners:write', // shows new secrets
  'floats:write', // opens floats and puts money into them
  'float-requests:read',
  'float-requests:write', // decides what partners ask for, and puts it into their floats
  'brands:read',
  'brands:write',
  'stock:read',
  'stock:write',
  'orders:read',
  'orders:write', // resends and cancels
  'cards:read', // masked
  'cards:write', // blocks and cancels
  'cards:redeem', // for merchants: balances, redemptions, holds and refunds of their own
  'cards:top-up', // for merchants
  'cards:reveal', // codes and PINs; each look is written down
  'merchants:read',
  'merchants:write', // shows new secrets
  'purchases:read',
  'velocity:read',
  'velocity:write',
  'reports:read',
  'webhooks:read',
  'webhooks:write', // shows new secrets
  'deliveries:read', // of every form, with the attempts
  'deliveries:write', // sends again
] as const

export type AdminScope = (typeof ADMIN_SCOPES)[number]
