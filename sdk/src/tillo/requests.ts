import { type TilloAmount, type TilloFaceValue, type TilloSaleFields, tilloPatterns } from './wire.ts'

type Fields = {
  client_request_id?: unknown
  original_client_request_id?: unknown
  brand?: unknown
  face_value?: object | undefined
}

/** Throws a `TypeError` for a request that the protocol has no place for. Finer rules are the server's. */
export function checkRequest(request: Fields): void {
  const { client_request_id, original_client_request_id, brand, face_value } = request
  for (const id of [client_request_id, original_client_request_id]) {
    if (id !== undefined && !matches(tilloPatterns.clientRequestId, id)) {
      throw new TypeError('A request id has 5 to 50 letters, digits, underscores and hyphens')
    }
  }
  if (brand !== undefined && !matches(tilloPatterns.brand, brand)) {
    throw new TypeError('A brand is named by lower-case letters, digits and hyphens')
  }
  const amount = (face_value as { amount?: unknown } | undefined)?.amount
  // A number is printed as JSON prints it, which shows what a computation made of it: 0.1 + 0.2 has 17 decimals.
  if (amount !== undefined && !matches(tilloPatterns.amount, typeof amount === 'number' ? String(amount) : amount)) {
    throw new TypeError('An amount has whole units and at most two decimals')
  }
}

const matches = (pattern: RegExp, value: unknown): boolean => typeof value === 'string' && pattern.test(value)

/** Whether a card has the value that was asked for, as far as the answer tells. */
export function isOfValue({ face_value: asked }: { face_value: TilloFaceValue }, got: TilloSaleFields): boolean {
  const given = got.face_value
  return !given || (given.currency === asked.currency && plain(given.amount) === plain(asked.amount))
}

/** One text per decimal value: `25.00`, `25.0` and 25 are `25`. */
const plain = (amount: TilloAmount): string => {
  const [whole = '', fraction = ''] = String(amount).split('.')
  const rest = fraction.replace(/0+$/, '')
  return `${whole.replace(/^0+(?=\d)/, '')}${rest === '' ? '' : `.${rest}`}`
}
