import type {
  TilloAmount,
  TilloFaceValue,
  TilloFulfilmentParameters,
  TilloMoney,
  TilloSaleFields,
  TilloSector,
  TilloShippingMethod,
} from './wire.ts'

type Identified = {
  /** 5 to 50 letters, digits, `_` and `-`; a repeated request gets the first answer. The client makes one if it is left out. */
  client_request_id?: string
  brand: string
}

type Held = { code: string; pin?: string; sector?: TilloSector; tags?: (string | number)[] }

/** `POST /physical/activate` and `POST /physical/top-up`. */
export type TilloPhysicalRequest = Identified & Held & { face_value: TilloFaceValue }

/** `DELETE` of both, with a body. */
export type TilloPhysicalCancelRequest = TilloPhysicalRequest & { original_client_request_id: string }

/** `POST /physical/check-balance`. */
export type TilloPhysicalBalanceRequest = Identified & Held & { face_value: { currency: string } }

/** `POST /physical/cash-out-original-transaction`: what is left on the card goes back to the float. */
export type TilloPhysicalCashOutRequest = Identified & Held & { original_client_request_id?: string }

/** `POST /physical/order-card`. */
export type TilloPhysicalOrderRequest = Identified & {
  face_value: TilloFaceValue
  shipping_method: TilloShippingMethod
  fulfilment_by: 'rewardcloud'
  fulfilment_parameters: TilloFulfilmentParameters & {
    to_name: string
    address_1: string
    postal_code: string
    country: string
  }
  sector?: TilloSector
  tags?: (string | number)[]
}

/** `POST /physical/fulfil-order`, for those who print and send the cards. */
export type TilloFulfilRequest = Identified & {
  code: string
  face_value: TilloFaceValue
  /** UUID of the order. */
  reference: string
  pin?: string
}

/** The answer to what is done with a physical card; the documents found say little about it. */
export type TilloPhysicalResult = TilloSaleFields & {
  brand?: string | null
  code?: string | null
  pin?: string | null
  reference?: string | null
  balance?: TilloMoney | TilloAmount | null
}

/** An order that is not known has a status, too: it is no error. */
export type TilloPhysicalOrderState = 'received' | 'processing' | 'fulfilled' | 'error' | 'not found'

/** By reference. `code` once it is fulfilled. */
export type TilloPhysicalOrders = Record<string, { status: TilloPhysicalOrderState; code?: string | null }>
