import type { TilloBarcode, TilloCardFields, TilloSaleFields } from '#sdk/tillo/wire.ts'
import type { CardSecrets } from '../../credentials/card-codes.ts'
import type { Brand } from '../../storage/brands.ts'
import type { CardRow } from '../../storage/cards.ts'
import type { OrderRow } from '../../storage/orders.ts'
import type { TilloDeps } from './call.ts'
import { money, percent } from './money.ts'

// Answers are made from rows that never change, so that a repeated request gets the same bytes.

/** What the sale cost. @param floatAfter of the request; null where the float was only held */
export function saleFields(order: OrderRow, { asset }: Brand, floatAfter: bigint | null): TilloSaleFields {
  return {
    face_value: money(order.face, asset),
    cost_value: money(order.cost, asset),
    // A discount that the operator keeps is none for the partner.
    discount: order.cost < order.face ? percent(order.discount_bp) : 0,
    ...(floatAfter !== null && { float_balance: money(floatAfter, asset) }),
  }
}

const BARCODES: Readonly<Record<string, TilloBarcode['type']>> = {
  code128: 'C128',
  code39: 'C39',
  interleaved2of5: 'I25',
  qrcode: 'QRCODE',
  qr: 'QRCODE',
  pdf417: 'PDF417',
}

export type OpenedCard = { readonly row: CardRow; readonly secrets: CardSecrets }

/**
 * What makes a card worth its value. Of a card that is sent to its recipient by mail or post, nothing: the partner has no need
 * of it.
 */
export function cardFields(
  deps: TilloDeps,
  order: OrderRow,
  brand: Brand,
  { row, secrets }: OpenedCard,
): TilloCardFields {
  const expires = row.expires_at === null ? {} : { expiration_date: row.expires_at.toISOString() }
  if (order.delivery === 'email') return expires
  if (order.delivery === 'url') return { url: urlOf(deps, row, secrets), ...expires }
  const type = BARCODES[brand.barcode] ?? 'NONE'
  return {
    ...codeFields(secrets),
    ...(secrets.code !== '' && { barcode: { type, ...(type !== 'NONE' && { string: secrets.code }) } }),
    ...expires,
  }
}

export function codeFields({ code, pin, url, serial }: CardSecrets): TilloCardFields {
  return {
    // Codes from elsewhere may be nothing but an address.
    ...(code === '' ? { url: url ?? null } : { code }),
    ...(pin !== null && { pin }),
    ...(serial != null && { serial_number: serial }),
  }
}

/** The vendor's own page where there is one, else ours. */
export const urlOf = ({ keyring, origin }: TilloDeps, row: CardRow, { url }: CardSecrets): string =>
  url ?? `${origin}/cards/${keyring.open(row.link, `card:${row.id}:link`)}`
