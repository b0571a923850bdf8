import type { ComeBackOptions, RepeatOptions } from '../protocol/repeat.ts'
import type {
  TilloBrands,
  TilloBrandsQuery,
  TilloFloats,
  TilloPromotions,
  TilloStock,
  TilloTemplateFile,
  TilloTemplates,
  TilloTransfer,
  TilloTransferQuery,
  TilloTransferReceipt,
  TilloTransferRequest,
} from './catalogue.ts'
import type {
  TilloFulfilRequest,
  TilloPhysicalBalanceRequest,
  TilloPhysicalCancelRequest,
  TilloPhysicalCashOutRequest,
  TilloPhysicalOrderRequest,
  TilloPhysicalOrders,
  TilloPhysicalRequest,
  TilloPhysicalResult,
} from './physical.ts'
import type { TilloForm } from './signing.ts'
import type {
  TilloCancellation,
  TilloCancelRequest,
  TilloCard,
  TilloCardBalance,
  TilloCheckBalanceRequest,
  TilloIssueRequest,
  TilloOrder,
  TilloOrderQuery,
  TilloOrderStatus,
  TilloReverseRequest,
  TilloTopUpRequest,
} from './wire.ts'

/** Where the API is, who calls, and how patiently. */
export type TilloOptions = {
  /** The API's base with its path: `https://sandbox.tillo.dev/api/v2`, `http://127.0.0.1:8080/api/v2`. */
  url: string
  apiKey: string
  /** Used as text, although it looks hexadecimal. */
  secret: string
  /** Which fields are signed; `simplified`, as the documents recommend. */
  form?: TilloForm
  /** Replaces the platform's. */
  fetch?: typeof fetch
  /** Milliseconds since the epoch. */
  clock?: () => number
  /** Milliseconds that one attempt may take; 30,000. */
  timeout?: number
  /** For attempts without a usable answer: network failure, timeout, status 5xx and codes that are accidents. */
  retry?: RepeatOptions
  /** For requests that are still at work (729, 732) and rate limits (211): after 1 second, then every 5, for 2 minutes. */
  comeBack?: ComeBackOptions
}

/** What may be said with every call. */
export type TilloCallOptions = {
  /** Gives the call up. */
  signal?: AbortSignal
}

/** How often and how long to ask for an order. */
export type TilloPolling = {
  /** Milliseconds between two readings; 2,000. */
  interval?: number
  /** Milliseconds to wait in all; 300,000. */
  patience?: number
}

type Call<Request, Result> = (request: Request, options?: TilloCallOptions) => Promise<Result>

/** Digital cards. */
export type TilloDigital = {
  /** Buys a card at once. */
  issue: Call<TilloIssueRequest, TilloCard>
  cancel: Call<TilloCancelRequest, TilloCancellation>
  /** Undoes an issue by its request id, also one whose answer was lost. */
  reverse: Call<TilloReverseRequest, TilloCancellation>
  /** Orders a card; read it with {@link orderStatus}. */
  orderCard: Call<TilloIssueRequest, TilloOrder>
  orderStatus: Call<TilloOrderQuery, TilloOrderStatus>
  /** Reads an order until it has its card. */
  awaitOrder(query: TilloOrderQuery, options?: TilloCallOptions & TilloPolling): Promise<TilloOrderStatus>
  topUp: Call<TilloTopUpRequest, TilloCard>
  checkBalance: Call<TilloCheckBalanceRequest, TilloCardBalance>
}

/** Cards of plastic. */
export type TilloPhysical = {
  activate: Call<TilloPhysicalRequest, TilloPhysicalResult>
  cancelActivation: Call<TilloPhysicalCancelRequest, TilloPhysicalResult>
  topUp: Call<TilloPhysicalRequest, TilloPhysicalResult>
  cancelTopUp: Call<TilloPhysicalCancelRequest, TilloPhysicalResult>
  cashOut: Call<TilloPhysicalCashOutRequest, TilloPhysicalResult>
  orderCard: Call<TilloPhysicalOrderRequest, TilloPhysicalResult>
  orderStatus: Call<{ references: string[] }, TilloPhysicalOrders>
  fulfilOrder: Call<TilloFulfilRequest, TilloPhysicalResult>
  checkBalance: Call<TilloPhysicalBalanceRequest, TilloPhysicalResult>
}

/**
 * A client of Tillo's API, second version. Every method throws a `TilloError` for what the network and the server do, and a
 * `TypeError` for what can't be sent at all, before anything is sent.
 */
export type Tillo = {
  digital: TilloDigital
  physical: TilloPhysical
  brands(query?: TilloBrandsQuery, options?: TilloCallOptions): Promise<TilloBrands>
  templates(query?: { brand?: string; template?: string }, options?: TilloCallOptions): Promise<TilloTemplates>
  template: Call<{ brand: string; template?: string; version?: string }, TilloTemplateFile>
  promotions(options?: TilloCallOptions): Promise<TilloPromotions>
  /** For brands with a stock of their own. */
  checkStock(query?: { brand?: string }, options?: TilloCallOptions): Promise<TilloStock>
  checkFloats(query?: { currency?: string }, options?: TilloCallOptions): Promise<TilloFloats>
  floatTransferRequests(query?: TilloTransferQuery, options?: TilloCallOptions): Promise<TilloTransfer[]>
  /** Not repeated by itself when its answer is lost: the server could not tell the two requests apart. */
  requestFloatTransfer: Call<TilloTransferRequest, TilloTransferReceipt>
}
