import type { ConsoleRoute } from '../route.ts'
import { brandActRoutes } from './acts.ts'
import { brandDetailRoutes } from './detail.ts'
import { brandListRoutes } from './list.ts'
import { offerRoutes } from './offers.ts'

/** Brands with their terms and offers: of operators. */
export const brandRoutes: readonly ConsoleRoute[] = [
  ...brandListRoutes,
  ...brandActRoutes,
  ...offerRoutes,
  ...brandDetailRoutes,
]
