import type { ConsoleRoute, Role } from '../route.ts'
import { invitePage, sendInvitation } from './invite.ts'
import { teamPage } from './list.ts'
import { remove, removePage, rolePage, saveRole, withdraw } from './members.ts'

/** The same pages at two places: an owner's own team, and any party's for operators. */
const routesAt = (base: string, who: readonly Role[]): ConsoleRoute[] => [
  { method: 'get', path: base, who, handle: teamPage },
  { method: 'get', path: `${base}/invite`, who, handle: (deps, call) => invitePage(deps, call) },
  { method: 'post', path: `${base}/invite`, who, act: 'team.invite', dangerous: true, handle: sendInvitation },
  { method: 'get', path: `${base}/:member/role`, who, handle: (deps, call) => rolePage(deps, call) },
  { method: 'post', path: `${base}/:member/role`, who, act: 'team.change-role', dangerous: true, handle: saveRole },
  { method: 'get', path: `${base}/:member/remove`, who, handle: (deps, call) => removePage(deps, call) },
  { method: 'post', path: `${base}/:member/remove`, who, act: 'team.remove', dangerous: true, handle: remove },
  { method: 'post', path: `${base}/:member/withdraw`, who, act: 'team.withdraw-invitation', handle: withdraw },
]

export const teamRoutes: readonly ConsoleRoute[] = [
  ...routesAt('/team', ['owner']),
  ...routesAt('/parties/:party/team', ['operator']),
]
