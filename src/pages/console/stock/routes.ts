import type { ConsoleRoute } from '../route.ts'
import { brandStockRoutes } from './brand.ts'
import { stockListRoutes } from './list.ts'
import { stockReportRoutes } from './report.ts'

/** Codes that wait to be sold: levels, uploads and their reports. Of operators. */
export const stockRoutes: readonly ConsoleRoute[] = [...stockListRoutes, ...brandStockRoutes, ...stockReportRoutes]
