import type { WalleoErrorBody } from './wire.ts'

/**
 * Every error of Walleo's documents, and one of ours: the documents tell callers to come back later, but not by which code they
 * learn of it. `status` is the word in the body, `http` the number in front of it.
 */
export const walleoErrors = {
  unauthorized: {
    http: 401,
    status: 'unauthorized',
    meaning: 'The API key or identifier is unknown, or the header unreadable',
  },
  invalid_signature: {
    http: 401,
    status: 'unauthorized',
    meaning: 'The signature does not fit the request, or its time is off',
  },
  gift_card_not_found: { http: 404, status: 'not_found', meaning: 'No gift card is offered under this code' },
  card_not_found: { http: 404, status: 'not_found', meaning: 'The partner has no card with this id' },
  pull_request_not_found: {
    http: 404,
    status: 'not_found',
    meaning: 'The partner has no pull request with this request id',
  },
  not_enough_funds: {
    http: 422,
    status: 'unprocessable_entity',
    meaning: "The partner's balance does not cover the card",
  },
  out_of_stock: { http: 422, status: 'unprocessable_entity', meaning: 'No card of this kind is left' },
  invalid_amount: {
    http: 422,
    status: 'unprocessable_entity',
    meaning: 'The gift card is not offered with this value',
  },
  come_back_later: {
    http: 422,
    status: 'unprocessable_entity',
    meaning: 'The first request with this id is still at work; the code is ours',
  },
} as const

/** A code among the errors of an answer. */
export type WalleoErrorCode = keyof typeof walleoErrors

/** The body of a refusal, as both ends know it. */
export const walleoErrorBody = (code: WalleoErrorCode, message: string): WalleoErrorBody => ({
  errors: [{ code, message }],
  status: walleoErrors[code].status,
})
