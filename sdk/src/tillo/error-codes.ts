import type { TilloErrorBody } from './wire.ts'

/** What a code means for the request, and for what to do next. */
export type TilloErrorFacts = {
  /** The statuses that it comes with; the first is the usual one. */
  http: readonly number[]
  meaning: string
  /** Whether the same request may be sent again: after an accident at once, or when the server is through with the first. Our reading. */
  repeat: 'never' | 'soon' | 'later'
  /**
   * What it says about the request's effect, our reading. `none`: there is none. `not-now`: this attempt had none, and an earlier one
   * with the same id may have. `unknown`: it may have had, or may yet.
   */
  effect: 'none' | 'not-now' | 'unknown'
}

const no = (meaning: string, ...http: number[]): TilloErrorFacts => ({ http, meaning, repeat: 'never', effect: 'none' })
const notNow = (meaning: string, repeat: TilloErrorFacts['repeat'], ...http: number[]): TilloErrorFacts => ({
  http,
  meaning,
  repeat,
  effect: 'not-now',
})
const open = (meaning: string, repeat: TilloErrorFacts['repeat'], ...http: number[]): TilloErrorFacts => ({
  http,
  meaning,
  repeat,
  effect: 'unknown',
})

/** Every error code of the documents, by its three digits. `000` is success, and no error. */
export const tilloErrors = {
  '060': no('The token is wrong; of the first version of the API', 400),
  '070': no('A parameter is missing', 400),
  '071': no('A refusal of the first version of the API', 400),
  '072': no('There is no such brand, or the partner may not sell it', 400, 401),
  '100': no('The card is cancelled already, or can not be cancelled or reversed', 422),
  '210': notNow('The address of the caller is not on its list', 'never', 401),
  '211': notNow('Too many requests in a minute', 'later', 429),
  '433': no('A parameter is not valid', 422),
  '434': notNow('The API key, the signature or the timestamp is wrong', 'never', 401, 404),
  '600': open('An accident inside the server', 'soon', 500),
  '602': notNow('The server is under maintenance', 'never', 500),
  '603': open("The brand's processor failed", 'soon', 500, 503),
  '604': notNow("The brand's processor is not well", 'soon', 503),
  '610': no('The float does not cover the request', 403, 422),
  '615': no('The credit does not cover the request', 403, 422),
  '704': no('The value is not one that the brand is sold with, or the sector or the decimals are wrong', 400, 422, 500),
  '706': no('The brand is not on sale', 401),
  '708': no('The request id was used for another brand or value', 400),
  '709': no('Partner and brand have no contract', 404),
  '711': no('The brand is not active any more', 400),
  '712': no('There is no such delivery method', 404),
  '713': no('The brand does not offer the delivery method', 400),
  '714': no('The delivery method is missing', 400),
  '715': open("The card's page could not be put up", 'never', 503),
  '716': no('There is no such template', 400),
  '717': no('The partner may not use the template', 401),
  '719': no('The partner may not make requests of this kind', 422),
  '720': no('The brand does not offer this kind of request', 422),
  '721': no('There is no such currency', 422),
  '722': no('The currency is missing', 400),
  '723': no('The brand is not sold in the currency', 422),
  '724': no('There is no such sale', 422, 500),
  '725': no('No card of this value is left', 500),
  '726': no('The operation is switched off', 503),
  '728': no("The card's balance does not cover the request", 403),
  '729': open('The first request with this id is still at work', 'later', 400),
  '730': no('The reference of the sale is wrong', 400),
  '732': open('The card is being redeemed at this moment', 'later', 425),
  '733': no('A refusal whose meaning is not known here', 422),
  '734': no('A refusal whose meaning is not known here', 422),
  '735': no('The card, or its link, has expired', 410),
  '736': no('A refusal whose meaning is not known here', 400),
  '738': no('A refusal of international payments', 422),
  '739': no('A refusal of international payments', 422),
  '740': no('Only the second version of the API offers this', 400),
  '999': open('No such address, or no such method there, or an accident without a better code', 'never', 404, 405, 500),
} as const satisfies Record<string, TilloErrorFacts>

/** A code of an answer: three digits, as text. */
export type TilloErrorCode = keyof typeof tilloErrors

/** The facts of a code that the documents know; undefined for another. */
export const tilloErrorFacts = (code: string): TilloErrorFacts | undefined =>
  Object.hasOwn(tilloErrors, code) ? tilloErrors[code as TilloErrorCode] : undefined

/** The body of a refusal, as both ends know it; `data` names the wrong fields. */
export const tilloErrorBody = (
  code: TilloErrorCode,
  message: string,
  data?: TilloErrorBody['data'],
): TilloErrorBody => ({ code, status: 'error', message, ...(data === undefined ? {} : { data }) })
