import { actRoutes } from './acts.ts'
import type { ConsoleRoute } from './route.ts'

/** Everything that the console is: pages and acts, in files by what they are about. */
export const consoleRoutes: readonly ConsoleRoute[] = [...actRoutes]
