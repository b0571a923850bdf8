import {
  boolean,
  type Check,
  either,
  integer,
  list,
  maybe,
  nullable,
  number,
  object,
  optional,
  text,
  word,
} from '../protocol/shape.ts'
import type {
  WalleoBalanceAnswer,
  WalleoCard,
  WalleoCardAnswer,
  WalleoErrorBody,
  WalleoErrorItem,
  WalleoFacialValues,
  WalleoGiftCard,
  WalleoInventoryAnswer,
  WalleoPullRequest,
  WalleoPullRequestAnswer,
} from './wire.ts'

const card = object<WalleoCard>({
  id: text,
  code: text,
  expire_at: nullable(text),
  pin_code: nullable(text),
  amount: integer,
  gift_card_code: text,
  pdf_url: nullable(text),
})

export const cardAnswer = object<WalleoCardAnswer>({ card })

const errorItem = object<WalleoErrorItem>({ code: text, message: text })

export const errorBody = object<WalleoErrorBody>({ errors: list(errorItem), status: text })

const pullRequest = object<WalleoPullRequest>({
  id: text,
  status: word('waiting', 'success', 'error'),
  request_id: text,
  amount_cents: maybe(integer),
  created_at: text,
  updated_at: text,
  card: nullable(card),
  errors: optional(list(errorItem)) as Check<WalleoErrorItem[]>,
})

export const pullRequestAnswer = object<WalleoPullRequestAnswer>({ pull_request: pullRequest })

const facialValues: Check<WalleoFacialValues> = either(
  object<Extract<WalleoFacialValues, { type: 'free' }>>({
    type: word('free'),
    min_amount: number,
    max_amount: number,
    step_amount: number,
  }),
  object<Extract<WalleoFacialValues, { type: 'fixed' }>>({ type: word('fixed'), amounts: list(number) }),
)

export const giftCard = object<WalleoGiftCard>({
  name: text,
  code: text,
  barcode_symbology: maybe(text),
  discount: maybe(either(number, text)),
  logo_url: maybe(text),
  logo_square_url: maybe(text),
  online_usable: maybe(boolean),
  offline_usable: maybe(boolean),
  validity_period: maybe(number),
  splittable_online: maybe(boolean),
  splittable_offline: maybe(boolean),
  cumulative_online: maybe(boolean),
  cumulative_online_limit: maybe(number),
  cumulative_offline: maybe(boolean),
  cumulative_offline_limit: maybe(number),
  code_pin: maybe(either(boolean, text)),
  how_to_use_online: maybe(text),
  how_to_use_offline: maybe(text),
  term_of_use: maybe(text),
  facial_values: facialValues,
})

export const giftCards = list(giftCard)

export const inventoryAnswer = object<WalleoInventoryAnswer>({
  inventories: object<WalleoInventoryAnswer['inventories']>({
    gift_card: object({ code: text, name: text }),
    end_to_end_api: object({ enabled: boolean, available_amount: nullable(either(text, number)) }),
    stocks: list(object({ facial_value: number, owned_quantity: integer, shared_quantity: integer })),
  }),
})

export const balanceAnswer = object<WalleoBalanceAnswer>({
  balance: object<WalleoBalanceAnswer['balance']>({ amount_cents: integer, currency: text }),
})
