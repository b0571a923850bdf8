import { accessPlaces } from './access-places.ts'
import type { ConsolePlace } from './places.ts'
import { BUSINESS, EVERYONE, OPERATORS } from './route.ts'

// One file of routes for each part of the console; its places stand beside them.

/** The navigation, in its order. */
export const consolePlaces: readonly ConsolePlace[] = [
  { id: 'overview', path: '', group: null, who: EVERYONE, label: { en: 'Overview', fr: 'Vue d’ensemble' } },
  { id: 'wallets', path: '/wallets', group: 'money', who: EVERYONE, label: { en: 'Wallets', fr: 'Portefeuilles' } },
  { id: 'parties', path: '/parties', group: 'money', who: OPERATORS, label: { en: 'Parties', fr: 'Parties' } },
  {
    id: 'funding',
    path: '/funding',
    group: 'money',
    who: OPERATORS,
    label: { en: 'Money in and out', fr: 'Entrées et sorties' },
  },
  { id: 'books', path: '/books', group: 'money', who: OPERATORS, label: { en: 'Books', fr: 'Comptes' } },
  {
    id: 'statements',
    path: '/statements',
    group: 'money',
    who: EVERYONE,
    label: { en: 'Statements', fr: 'Relevés' },
  },
  { id: 'orders', path: '/orders', group: 'cards', who: EVERYONE, label: { en: 'Orders', fr: 'Commandes' } },
  { id: 'cards', path: '/cards', group: 'cards', who: OPERATORS, label: { en: 'Cards', fr: 'Cartes' } },
  { id: 'brands', path: '/brands', group: 'cards', who: OPERATORS, label: { en: 'Brands', fr: 'Marques' } },
  { id: 'stock', path: '/stock', group: 'cards', who: OPERATORS, label: { en: 'Stock', fr: 'Stock' } },
  { id: 'partners', path: '/partners', group: 'cards', who: OPERATORS, label: { en: 'Partners', fr: 'Partenaires' } },
  // The same page, which is about its own floats and keys for a business.
  {
    id: 'partners',
    path: '/partners',
    group: 'cards',
    who: BUSINESS,
    label: { en: 'Floats and keys', fr: 'Soldes et clés' },
  },
  {
    id: 'float-requests',
    path: '/float-requests',
    group: 'cards',
    who: EVERYONE,
    label: { en: 'Float requests', fr: 'Demandes de versement' },
  },
  {
    id: 'velocity',
    path: '/velocity',
    group: 'cards',
    who: OPERATORS,
    label: { en: 'Velocity rules', fr: 'Règles de vélocité' },
  },
  { id: 'reports', path: '/reports', group: 'cards', who: OPERATORS, label: { en: 'Reports', fr: 'Rapports' } },
  ...accessPlaces,
  { id: 'keys', path: '/keys', group: 'access', who: ['owner'], label: { en: 'Keys', fr: 'Clés' } },
  { id: 'alerts', path: '/alerts', group: 'watch', who: OPERATORS, label: { en: 'Alerts', fr: 'Alertes' } },
  { id: 'calls', path: '/calls', group: 'watch', who: EVERYONE, label: { en: 'API calls', fr: 'Appels d’API' } },
  { id: 'team', path: '/team', group: 'access', who: ['owner'], label: { en: 'Team', fr: 'Équipe' } },
  { id: 'acts', path: '/acts', group: 'watch', who: ['operator', 'owner'], label: { en: 'Acts', fr: 'Actes' } },
]
