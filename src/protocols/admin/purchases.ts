import { z } from 'zod'
import { pageView } from '../../operations/directory-views.ts'
import { requireMerchant } from '../../operations/purchases/require-merchant.ts'
import { showPurchase } from '../../operations/purchases/show-purchase.ts'
import { purchaseView } from '../../operations/purchases/views.ts'
import { listPurchases } from '../../storage/purchases.ts'
import { PurchasePage, ShownPurchase } from './merchant-schema.ts'
import { route } from './route.ts'
import { DEFAULT_LIMIT, pageLimit, uuidCursor } from './schema.ts'

export const purchaseRoutes = [
  route({
    method: 'GET',
    path: '/merchants/{merchant}/purchases',
    scope: 'purchases:read',
    summary: 'List the purchases of a merchant, newest first',
    query: z.strictObject({ limit: pageLimit, cursor: uuidCursor }),
    output: PurchasePage,
    async handle(deps, { params, query: { limit: most = DEFAULT_LIMIT, cursor } }) {
      const { id: merchantId, wallet } = await requireMerchant(deps.db, params.merchant as string)
      const rows = await listPurchases(deps.db, { merchantId }, { before: cursor, limit: most + 1 })
      return pageView(
        rows,
        most,
        (row) => purchaseView(row, wallet.asset.exponent),
        (row) => row.id,
      )
    },
  }),
  route({
    method: 'GET',
    path: '/merchants/{merchant}/purchases/{purchase}',
    scope: 'purchases:read',
    summary: 'Show a purchase with its schedule and its credits, by uid or id',
    output: ShownPurchase,
    handle: async (deps, { params }) =>
      showPurchase(deps.db, await requireMerchant(deps.db, params.merchant as string), params.purchase as string),
  }),
]
