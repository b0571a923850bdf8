import { type ConsoleRoute, EVERYONE, OPERATORS } from '../route.ts'
import {
  changeLimits,
  changeParent,
  changeRefills,
  freeze,
  openOne,
  showFreeze,
  showLimits,
  showNewWallet,
  showParent,
  showRefills,
} from './acts.ts'
import { downloadWallets, showWallets } from './list.ts'
import { showWallet } from './one-wallet.ts'
import { downloadStatement, showStatement } from './statement.ts'

/** Wallets: everybody's for operators, who may change them; a business reads its own. */
export const walletRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/wallets', who: EVERYONE, handle: showWallets },
  { method: 'get', path: '/wallets.csv', who: EVERYONE, handle: downloadWallets },
  { method: 'get', path: '/wallets/new', who: OPERATORS, handle: showNewWallet },
  { method: 'post', path: '/wallets/new', who: OPERATORS, act: 'wallet.open', dangerous: true, handle: openOne },
  { method: 'get', path: '/wallets/:id', who: EVERYONE, handle: showWallet },
  { method: 'get', path: '/wallets/:id/statement', who: EVERYONE, handle: showStatement },
  { method: 'get', path: '/wallets/:id/statement.csv', who: EVERYONE, handle: downloadStatement },
  { method: 'get', path: '/wallets/:id/limits', who: OPERATORS, handle: showLimits },
  {
    method: 'post',
    path: '/wallets/:id/limits',
    who: OPERATORS,
    act: 'wallet.limits',
    dangerous: true,
    handle: changeLimits,
  },
  { method: 'get', path: '/wallets/:id/freeze', who: OPERATORS, handle: showFreeze },
  { method: 'post', path: '/wallets/:id/freeze', who: OPERATORS, act: 'wallet.freeze', handle: freeze },
  { method: 'get', path: '/wallets/:id/parent', who: OPERATORS, handle: showParent },
  {
    method: 'post',
    path: '/wallets/:id/parent',
    who: OPERATORS,
    act: 'wallet.parent',
    dangerous: true,
    handle: changeParent,
  },
  { method: 'get', path: '/wallets/:id/refills', who: OPERATORS, handle: showRefills },
  {
    method: 'post',
    path: '/wallets/:id/refills',
    who: OPERATORS,
    act: 'wallet.refills',
    dangerous: true,
    handle: changeRefills,
  },
]
