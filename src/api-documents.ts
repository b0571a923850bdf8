import { createDocument } from './openapi/create-document.ts'
import type { ApiDocuments } from './openapi/names.ts'

/** Made when they are first asked for: most servers never are. */
export const apiDocuments: ApiDocuments = {
  webwallet: async () => createDocument((await import('./protocols/webwallet/openapi.ts')).webWalletApi),
  oauth: async () => createDocument((await import('./protocols/oauth/openapi.ts')).oauthApi),
  walleo: async () => createDocument((await import('./protocols/walleo/openapi.ts')).walleoApi),
  tillo: async () => createDocument((await import('./protocols/tillo/openapi.ts')).tilloApi),
  pledg: async () => createDocument((await import('./protocols/pledg/openapi.ts')).pledgApi),
  jackpot: async () => createDocument((await import('./protocols/jackpot/openapi.ts')).jackpotApi),
  async admin() {
    const [{ createOpenApi }, { adminRoutes }] = await Promise.all([
      import('./protocols/admin/openapi.ts'),
      import('./protocols/admin/routes.ts'),
    ])
    return createOpenApi(adminRoutes)
  },
}
