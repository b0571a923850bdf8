import type { ConsoleRoute } from '../route.ts'
import { requestActRoutes } from './acts.ts'
import { requestListRoutes } from './list.ts'

/** Money that partners ask to be put into their floats. */
export const floatRequestRoutes: readonly ConsoleRoute[] = [...requestListRoutes, ...requestActRoutes]
