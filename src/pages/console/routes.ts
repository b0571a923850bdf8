import { accessRoutes } from './access-routes.ts'
import { actRoutes } from './acts.ts'
import { alertRoutes } from './alerts/routes.ts'
import { bookRoutes } from './books/routes.ts'
import { brandRoutes } from './brands/routes.ts'
import { callRoutes } from './calls/routes.ts'
import { cardRoutes } from './cards/routes.ts'
import { floatRequestRoutes } from './float-requests/routes.ts'
import { fundingRoutes } from './funding/routes.ts'
import { keyRoutes } from './keys/routes.ts'
import { orderRoutes } from './orders/routes.ts'
import { overviewRoutes } from './overview/routes.ts'
import { partyRoutes } from './parties/routes.ts'
import { partnerRoutes } from './partners/routes.ts'
import { peopleRoutes } from './people/routes.ts'
import { reportRoutes } from './reports/routes.ts'
import type { ConsoleRoute } from './route.ts'
import { statementRoutes } from './statements/routes.ts'
import { stockRoutes } from './stock/routes.ts'
import { teamRoutes } from './team/routes.ts'
import { velocityRoutes } from './velocity/routes.ts'
import { walletRoutes } from './wallets/routes.ts'

/** Everything that the console is: pages and acts, in files by what they are about. */
export const consoleRoutes: readonly ConsoleRoute[] = [
  ...overviewRoutes,
  ...walletRoutes,
  ...partyRoutes,
  ...peopleRoutes,
  ...fundingRoutes,
  ...bookRoutes,
  ...callRoutes,
  ...statementRoutes,
  ...keyRoutes,
  ...orderRoutes,
  ...cardRoutes,
  ...brandRoutes,
  ...stockRoutes,
  ...partnerRoutes,
  ...floatRequestRoutes,
  ...velocityRoutes,
  ...reportRoutes,
  ...accessRoutes,
  ...alertRoutes,
  ...actRoutes,
  ...teamRoutes,
]
