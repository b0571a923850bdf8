import type { ConsolePlace } from './places.ts'
import { EVERYONE } from './route.ts'

// One file of routes for each part of the console; its places stand beside them.

/** The navigation, in its order. */
export const consolePlaces: readonly ConsolePlace[] = [
  { id: 'overview', path: '', group: null, who: EVERYONE, label: { en: 'Overview', fr: 'Vue d’ensemble' } },
  { id: 'acts', path: '/acts', group: 'watch', who: ['operator', 'owner'], label: { en: 'Acts', fr: 'Actes' } },
]
