import type { ConsoleRoute } from '../route.ts'
import { cardActRoutes } from './acts.ts'
import { cardDetailRoutes } from './detail.ts'
import { cardListRoutes } from './list.ts'

/** Issued cards: of operators. */
export const cardRoutes: readonly ConsoleRoute[] = [...cardListRoutes, ...cardActRoutes, ...cardDetailRoutes]
