import type { ConsoleRoute } from '../route.ts'
import { orderDetailRoutes } from './detail.ts'
import { orderListRoutes } from './list.ts'

/** Orders: of all partners for operators, of its own for a business. */
export const orderRoutes: readonly ConsoleRoute[] = [...orderListRoutes, ...orderDetailRoutes]
