import {
  anything,
  boolean,
  type Check,
  either,
  integer,
  list,
  maybe,
  nullable,
  number,
  object,
  record,
  ShapeError,
  text,
  word,
} from '../protocol/shape.ts'
import {
  type TilloBrand,
  type TilloFaceValueLimits,
  type TilloFloat,
  type TilloPromotion,
  type TilloTransfer,
  type TilloTransferReceipt,
  tilloTransferStates,
} from './catalogue.ts'
import type { TilloPhysicalOrders, TilloPhysicalResult } from './physical.ts'
import {
  type TilloBarcode,
  type TilloCancellation,
  type TilloCard,
  type TilloCardBalance,
  type TilloErrorBody,
  type TilloMoney,
  type TilloOrder,
  type TilloOrderStatus,
  tilloOrderStates,
} from './wire.ts'

const amount = either(number, text)
const money = object<TilloMoney>({ amount, currency: text })
const refreshed = maybe(text)

type Refreshed = { last_refreshed_at?: string | null }

/** By name; the vendor's servers write an empty list for an object without members. */
export type Listed<T> = Record<string, T> | never[]

const emptyList: Check<never[]> = (value, path) => {
  if (!Array.isArray(value) || value.length > 0) throw new ShapeError(path, 'an object')
  return []
}

const byName = <T>(item: Check<T>): Check<Listed<T>> => either(record(item), emptyList)

/** What an empty list stood for. */
export const asRecord = <T>(value: Listed<T>): Record<string, T> => (Array.isArray(value) ? {} : value)

/** The envelope of a success, around the data; its `message` may be anything. */
export const answer = <T>(data: Check<T>) => object<{ code: '000'; data: T }>({ code: word('000'), data })

export const errorBody = object<Pick<TilloErrorBody, 'code' | 'message' | 'messages' | 'data'>>({
  code: text,
  message: maybe(text),
  messages: anything,
  data: maybe(either(list(anything) as Check<string[]>, record(anything))),
})

const barcode = object<TilloBarcode>({
  type: word('C128', 'C128A', 'C39', 'I25', 'QRCODE', 'PDF417', 'NONE'),
  string: maybe(text),
  url: maybe(text),
})

const cardFields = {
  code: maybe(text),
  url: maybe(text),
  pin: maybe(text),
  serial_number: maybe(text),
  security_code: maybe(text),
  barcode: maybe(barcode),
  expiration_date: maybe(text),
}

const saleFields = {
  face_value: maybe(money),
  cost_value: maybe(money),
  discount: maybe(amount),
  float_balance: maybe(money),
}

export const card = object<TilloCard>({ ...cardFields, ...saleFields, brand: text, reference: text })
export const order = object<TilloOrder>({ ...saleFields, brand: text, reference: text })
export const orderStatus = object<TilloOrderStatus>({
  ...cardFields,
  ...saleFields,
  status: word(...tilloOrderStates),
  brand: maybe(text),
  reference: maybe(text),
})
export const cancellation = object<TilloCancellation>({ reference: text, float_balance: maybe(money) })
export const cardBalance = object<TilloCardBalance>({ face_value: money })

export const physicalResult = object<TilloPhysicalResult>({
  ...saleFields,
  brand: maybe(text),
  code: maybe(text),
  pin: maybe(text),
  reference: maybe(text),
  balance: maybe(either(money, amount)),
})
export const physicalOrders: Check<TilloPhysicalOrders> = record(
  object<TilloPhysicalOrders[string]>({
    status: word('received', 'processing', 'fulfilled', 'error', 'not found'),
    code: maybe(text),
  }),
)

const limits = object<TilloFaceValueLimits>({ lower: amount, upper: amount, minor_unit: maybe(amount) })
const texts = list(text)

const brand = object<TilloBrand>({
  slug: text,
  name: text,
  type: maybe(word('gift-card', 'choice-link')),
  status: object<TilloBrand['status']>({ code: word('ENABLED', 'PAUSED', 'DISABLED'), reason: maybe(text) }),
  currency: text,
  discount: amount,
  last_updated: maybe(text),
  transaction_types: texts,
  delivery_methods: texts,
  countries_served: maybe(texts),
  gc_pool: maybe(boolean),
  async_only: maybe(boolean),
  categories: maybe(list(anything)),
  choices: maybe(list(anything)),
  vat: maybe(
    object<NonNullable<TilloBrand['vat']>>({ exempt: maybe(boolean), type: maybe(text), rate: maybe(amount) }),
  ),
  digital_face_value_limits: maybe(limits),
  physical_face_value_limits: maybe(limits),
  shipping_methods: maybe(texts),
  denominations: maybe(list(amount)),
  digital_denominations: maybe(list(amount)),
  detail: maybe(record(anything)),
})

export const brands = object<Refreshed & { brands: Listed<TilloBrand> }>({
  brands: byName(brand),
  last_refreshed_at: refreshed,
})
export const templates = object<Refreshed & { templates: Listed<Listed<unknown>> }>({
  templates: byName(byName(anything)),
  last_refreshed_at: refreshed,
})

const promotion = object<TilloPromotion>({
  code: text,
  name: text,
  discount: amount,
  description: maybe(text),
  start_date: maybe(text),
  end_date: maybe(text),
  priority: maybe(integer),
  restrictions: anything,
  last_edited_at: maybe(text),
})
export const promotions = object<Refreshed & { standard: Listed<TilloPromotion[]> }>({
  standard: byName(list(promotion)),
  last_refreshed_at: refreshed,
})

export const stock = byName(byName(text))

const float = object<TilloFloat>({ available_balance: amount, pending_payments: amount })
export const floats = object<Refreshed & { floats: Listed<Listed<TilloFloat>> }>({
  floats: byName(byName(float)),
  last_refreshed_at: refreshed,
})

const transferred = object<{ currency: string; amount: string | number }>({ currency: text, amount })
export const transfers = list(
  object<TilloTransfer>({
    float: text,
    requested: transferred,
    approved: nullable(transferred),
    payment_reference: text,
    status: word(...tilloTransferStates),
    created_at: text,
  }),
)
export const transferReceipt = object<TilloTransferReceipt>({
  float: text,
  currency: text,
  amount,
  payment_reference: text,
})
