import type { ConsoleRoute } from '../route.ts'
import { partnerActRoutes } from './acts.ts'
import { credentialRoutes } from './credentials.ts'
import { partnerDetailRoutes } from './detail.ts'
import { partnerListRoutes } from './list.ts'

// What has a name of its own stands before what any id matches.

/** Partners with their floats and keys. */
export const partnerRoutes: readonly ConsoleRoute[] = [
  ...partnerListRoutes,
  ...partnerActRoutes,
  ...credentialRoutes,
  ...partnerDetailRoutes,
]
