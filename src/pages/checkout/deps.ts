import type { IncomingMessage } from 'node:http'
import type { PurchaseDeps } from '../../operations/purchases/purchase-deps.ts'
import type { Merchant } from '../../storage/merchants.ts'
import type { PagesDeps } from '../pages.ts'

/** What the protocol makes of an address that a shop sent somebody to; pages know no protocol. */
export type OpenFront = (req: IncomingMessage) => Promise<
  | { readonly link: string }
  | {
      readonly problem: { readonly type: string; readonly message: string; readonly http: number }
      /** where the shop is told, when it is proven to be the shop's; else null */
      readonly back: { readonly merchant: Merchant; readonly cancelUrl: string } | null
    }
>

export type CheckoutDeps = PagesDeps & { purchases: PurchaseDeps; openFront: OpenFront }
