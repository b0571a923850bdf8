import { type ConsoleRoute, OPERATORS } from '../route.ts'
import { inviteOne, makeParty, showInvite, showNewParty } from './acts.ts'
import { downloadParties, showParties } from './list.ts'
import { showParty } from './one-party.ts'

/** Who there is. */
export const partyRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/parties', who: OPERATORS, handle: showParties },
  { method: 'get', path: '/parties.csv', who: OPERATORS, handle: downloadParties },
  { method: 'get', path: '/parties/new', who: OPERATORS, handle: showNewParty },
  { method: 'post', path: '/parties/new', who: OPERATORS, act: 'party.create', handle: makeParty },
  { method: 'get', path: '/parties/:id', who: OPERATORS, handle: showParty },
  { method: 'get', path: '/parties/:id/invite', who: OPERATORS, handle: showInvite },
  {
    method: 'post',
    path: '/parties/:id/invite',
    who: OPERATORS,
    act: 'party.invite',
    dangerous: true,
    handle: inviteOne,
  },
]
