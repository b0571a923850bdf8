import { showBusinessOverview } from '../business-overview/overview.ts'
import { type ConsoleRoute, EVERYONE } from '../route.ts'
import { showOperatorOverview } from './operator.ts'

/** The first page, by role. */
export const overviewRoutes: readonly ConsoleRoute[] = [
  {
    method: 'get',
    path: '',
    who: EVERYONE,
    handle: (deps, call) =>
      call.user.role === 'operator' ? showOperatorOverview(deps, call) : showBusinessOverview(deps, call),
  },
]
