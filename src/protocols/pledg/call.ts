import type { Config } from '../../config.ts'
import type { Deps } from '../../deps.ts'
import type { PurchaseDeps } from '../../operations/purchases/purchase-deps.ts'
import type { MerchantKey } from '../../storage/merchant-keys.ts'

export type PledgDeps = Pick<Deps, 'db' | 'keyring' | 'passwords' | 'mailer' | 'log' | 'calls' | 'rates'> & {
  config: Pick<Config, 'mode' | 'trustedProxies' | 'rateLimits'>
  purchases: PurchaseDeps
  /** origin of the checkout pages; never taken from a request */
  origin: string
}

/** Who asks, once proven: an API key, or a person of the merchant's party. */
export type Caller = {
  readonly reach: Pick<MerchantKey, 'merchantId' | 'companyId'> | { readonly partyId: string }
  /** scopes what it does in the ledger: `pledg:<key>` or `person:<party>` */
  readonly actor: string
  /** somebody of the team who only looks */
  readonly viewer?: boolean
}
