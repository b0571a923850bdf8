/** A field of the request that may be part of the string to sign. Everything else is never signed. */
export type TilloField = 'client_request_id' | 'brand' | 'currency' | 'amount'

/** One operation: where it is, and what of it may be signed. */
export type TilloEndpoint = {
  method: 'GET' | 'POST' | 'DELETE'
  /** Below the API's base. */
  path: string
  /**
   * The lists of fields that may be signed, each in the order of signing; a server takes any of them. The first is the simplified
   * form, which the documents recommend, the second the full one.
   */
  forms: readonly (readonly TilloField[])[]
}

const read = (path: string, ...fields: TilloField[]): TilloEndpoint => ({ method: 'GET', path, forms: [fields] })

const simplified = ['client_request_id', 'brand'] as const
const full = [...simplified, 'currency', 'amount'] as const

const write = (method: 'POST' | 'DELETE', path: string, ...forms: TilloEndpoint['forms']): TilloEndpoint => ({
  method,
  path,
  forms: [simplified, ...forms],
})

/** Every operation of the API. */
export const tilloEndpoints = {
  brands: read('brands', 'brand'),
  templates: read('templates', 'brand'),
  template: read('template', 'brand'),
  checkStock: read('check-stock', 'brand'),
  checkFloats: read('check-floats'),
  floatTransferRequests: read('float/transfer-requests'),
  promotions: read('promotions'),
  requestFloatTransfer: { method: 'POST', path: 'float/request-payment-transfer', forms: [[]] },
  digitalIssue: write('POST', 'digital/issue', full),
  digitalCancel: write('DELETE', 'digital/issue', full),
  digitalReverse: write('POST', 'digital/reverse', full),
  digitalOrderCard: write('POST', 'digital/order-card', full),
  digitalOrderStatus: read('digital/order-status'),
  digitalTopUp: write('POST', 'digital/top-up', full),
  // A balance is asked for with a currency and no amount.
  digitalCheckBalance: write('POST', 'digital/check-balance', [...simplified, 'currency']),
  physicalActivate: write('POST', 'physical/activate', full),
  physicalCancelActivation: write('DELETE', 'physical/activate', full),
  physicalTopUp: write('POST', 'physical/top-up', full),
  // The vendor's own library signs no field of these two, which the rule does not foresee.
  physicalCancelTopUp: write('DELETE', 'physical/top-up', full, []),
  physicalFulfilOrder: write('POST', 'physical/fulfil-order', full, []),
  physicalCheckBalance: write('POST', 'physical/check-balance', [...simplified, 'currency']),
  physicalCashOut: write('POST', 'physical/cash-out-original-transaction'),
  physicalOrderCard: write('POST', 'physical/order-card', full),
  physicalOrderStatus: { method: 'POST', path: 'physical/order-status', forms: [[]] },
} as const satisfies Record<string, TilloEndpoint>

/** The name of an operation of {@link tilloEndpoints}. */
export type TilloOperation = keyof typeof tilloEndpoints

/** The endpoint in a string to sign: `digital/issue` is `digital-issue`. */
export const tilloSlug = (path: string): string => path.replaceAll('/', '-')

const byRoute = new Map(
  Object.entries(tilloEndpoints).map(([name, { method, path }]) => [`${method} ${path}`, name as TilloOperation]),
)

/** The operation at a method and a path below the API's base, without slashes around it; undefined where there is none. */
export const tilloOperationAt = (method: string, path: string): TilloOperation | undefined =>
  byRoute.get(`${method} ${path}`)
