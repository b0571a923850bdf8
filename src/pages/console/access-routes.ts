import { apiKeyRoutes } from './api-keys/api-keys.ts'
import { clientListRoutes } from './clients/clients.ts'
import { oneClientRoutes } from './clients/one-client.ts'
import { answerRoutes } from './compromise/answer.ts'
import { compromiseListRoutes } from './compromise/compromises.ts'
import { grantRoutes } from './grants/grants.ts'
import { jackpotListRoutes } from './jackpot-accounts/accounts.ts'
import { oneJackpotRoutes } from './jackpot-accounts/one-account.ts'
import { merchantListRoutes } from './merchants/merchants.ts'
import { oneMerchantRoutes } from './merchants/one-merchant.ts'
import { planRoutes } from './merchants/plans.ts'
import { merchantSecretRoutes } from './merchants/secrets.ts'
import { purchaseActRoutes } from './purchases/acts.ts'
import { onePurchaseRoutes } from './purchases/one-purchase.ts'
import { purchaseListRoutes } from './purchases/purchases.ts'
import type { ConsoleRoute } from './route.ts'
import { deliveryRoutes } from './webhooks/deliveries.ts'
import { endpointRoutes } from './webhooks/endpoints.ts'
import { oneEndpointRoutes } from './webhooks/one-endpoint.ts'

/** Checkout, access and watch. A path of words stands before one with a parameter in its place. */
export const accessRoutes: readonly ConsoleRoute[] = [
  ...purchaseListRoutes,
  ...onePurchaseRoutes,
  ...purchaseActRoutes,
  ...merchantListRoutes,
  ...oneMerchantRoutes,
  ...planRoutes,
  ...merchantSecretRoutes,
  ...jackpotListRoutes,
  ...oneJackpotRoutes,
  ...clientListRoutes,
  ...oneClientRoutes,
  ...grantRoutes,
  ...apiKeyRoutes,
  ...endpointRoutes,
  ...oneEndpointRoutes,
  ...deliveryRoutes,
  ...answerRoutes,
  ...compromiseListRoutes,
]
