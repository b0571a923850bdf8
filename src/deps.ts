import type { Logger } from 'pino'
import type { Config } from './config.ts'
import type { Keyring } from './credentials/keyring.ts'
import type { Passwords } from './credentials/password.ts'
import type { Rates } from './credentials/shared-rates.ts'
import type { AddressRules } from './delivery/address-rules.ts'
import type { RequestLog } from './http/request-log.ts'
import type { Ledger } from './ledger/command.ts'
import type { Mailer } from './mail/mailer.ts'
import type { CallLog } from './operations/calls/call-log.ts'
import type { GiftDeps } from './operations/gift-cards/gift-deps.ts'
import type { PurchaseDeps } from './operations/purchases/purchase-deps.ts'
import type { WalletDirectory } from './operations/wallet-directory.ts'
import type { Database } from './storage/database.ts'
import type { Tracer } from './tracing/tracer.ts'

/** What the parts are made from, built once in `assembly.ts`; each part's own type says which of it it can reach. */
export type Deps = {
  config: Config
  db: Database
  ledger: Ledger
  directory: WalletDirectory
  keyring: Keyring
  passwords: Passwords
  mailer: Mailer
  gift: GiftDeps
  purchases: PurchaseDeps
  /** whom notifications may be sent to */
  addressRules: AddressRules
  /** ms since the epoch */
  clock: () => number
  log: Logger
  requestLog: RequestLog
  /** where requests are in traces; absent where nobody asks */
  tracer?: Tracer
  /** how often callers may ask, over all processes */
  rates: Rates
  /** calls of partners and merchants, for them to read */
  calls: CallLog
}
