import type { ConsolePlace } from './places.ts'
import { EVERYONE, type Role } from './route.ts'

const KEEPERS: readonly Role[] = ['operator', 'owner']

/** Where checkout, access and watch are in the navigation. */
export const accessPlaces: readonly ConsolePlace[] = [
  { id: 'purchases', path: '/purchases', group: 'checkout', who: EVERYONE, label: { en: 'Purchases', fr: 'Achats' } },
  {
    id: 'merchants',
    path: '/merchants',
    group: 'checkout',
    who: EVERYONE,
    label: { en: 'Merchants', fr: 'Marchands' },
  },
  {
    id: 'jackpot-accounts',
    path: '/jackpot-accounts',
    group: 'checkout',
    who: EVERYONE,
    label: { en: 'Jackpot accounts', fr: 'Comptes Jackpot' },
  },
  { id: 'clients', path: '/clients', group: 'access', who: EVERYONE, label: { en: 'Clients', fr: 'Clients' } },
  { id: 'grants', path: '/grants', group: 'access', who: EVERYONE, label: { en: 'Grants', fr: 'Autorisations' } },
  { id: 'api-keys', path: '/api-keys', group: 'access', who: KEEPERS, label: { en: 'API keys', fr: 'Clés d’API' } },
  {
    id: 'compromise',
    path: '/compromise',
    group: 'access',
    who: KEEPERS,
    label: { en: 'Compromise', fr: 'Compromission' },
  },
  { id: 'webhooks', path: '/webhooks', group: 'watch', who: EVERYONE, label: { en: 'Webhooks', fr: 'Webhooks' } },
  { id: 'deliveries', path: '/deliveries', group: 'watch', who: EVERYONE, label: { en: 'Deliveries', fr: 'Envois' } },
]
