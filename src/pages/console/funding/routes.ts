import { type ConsoleRoute, OPERATORS } from '../route.ts'
import { decide, showDecision, showFunding } from './decide.ts'
import { downloadFundings, showFundings } from './list.ts'
import { move, showMove } from './move.ts'

/** Money that operators move by hand, and the second pair of eyes. */
export const fundingRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/funding', who: OPERATORS, handle: showFundings },
  { method: 'get', path: '/funding.csv', who: OPERATORS, handle: downloadFundings },
  { method: 'get', path: '/funding/new', who: OPERATORS, handle: showMove },
  { method: 'post', path: '/funding/new', who: OPERATORS, act: 'funding.move', dangerous: true, handle: move },
  { method: 'get', path: '/funding/:id', who: OPERATORS, handle: showFunding },
  { method: 'get', path: '/funding/:id/approve', who: OPERATORS, handle: showDecision('approve') },
  {
    method: 'post',
    path: '/funding/:id/approve',
    who: OPERATORS,
    act: 'funding.approve',
    dangerous: true,
    handle: decide('approve'),
  },
  { method: 'get', path: '/funding/:id/refuse', who: OPERATORS, handle: showDecision('refuse') },
  { method: 'post', path: '/funding/:id/refuse', who: OPERATORS, act: 'funding.refuse', handle: decide('refuse') },
]
