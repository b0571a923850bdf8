import { createTillo } from '#sdk/tillo/client.ts'
import { TilloError } from '#sdk/tillo/error.ts'
import { tilloErrorFacts } from '#sdk/tillo/error-codes.ts'
import type { TilloSector } from '#sdk/tillo/wire.ts'
import { createWalleo } from '#sdk/walleo/client.ts'
import { WalleoError } from '#sdk/walleo/error.ts'
import type { WalleoErrorCode } from '#sdk/walleo/error-codes.ts'
import type { Keyring } from '../../credentials/keyring.ts'
import { formatAmount } from '../../domain/money.ts'
import type { Brand } from '../../storage/brands.ts'
import type { OrderRow } from '../../storage/orders.ts'
import type { BuyUpstream } from './fulfil-order.ts'

/** Where an upstream brand is bought; kept sealed with the brand. */
export type UpstreamConfig =
  | {
      protocol: 'walleo'
      /** base with its path, e.g. `https://cards.example/partners/v1` */
      url: string
      apiKey: string
      identifier: string
      sharedKey: string
      /** what the upstream calls the brand */
      code: string
    }
  | {
      protocol: 'tillo'
      /** base with its path, e.g. `https://cards.example/api/v2` */
      url: string
      apiKey: string
      secret: string
      brand: string
      sector: TilloSector
    }

/** An attempt is short: an order whose answer is late is asked for again, under the same id, at a later run. */
const TIMEOUT = 10_000

/**
 * Buys from the vendors, or from another Billfold. The order's id is the request's id there, so however often it is asked, and
 * whatever was lost on the way, the upstream sells one card for one order.
 */
export function createBuyUpstream({
  keyring,
  fetch,
}: {
  keyring: Keyring
  fetch?: typeof globalThis.fetch
}): BuyUpstream {
  return async (brand, order) => {
    const config = JSON.parse(keyring.open(brand.upstream as Buffer, `brand:${brand.id}:upstream`)) as UpstreamConfig
    const options = { timeout: TIMEOUT, comeBack: { patience: 0 }, ...(fetch && { fetch }) }
    return config.protocol === 'walleo'
      ? buyFromWalleo({ ...config, ...options }, brand, order)
      : buyFromTillo({ ...config, ...options }, brand, order)
  }
}

type Bought = Awaited<ReturnType<BuyUpstream>>
type WalleoConfig = Extract<UpstreamConfig, { protocol: 'walleo' }> & Pick<Parameters<typeof createWalleo>[0], 'fetch'>
type TilloConfig = Extract<UpstreamConfig, { protocol: 'tillo' }> & Pick<Parameters<typeof createTillo>[0], 'fetch'>

async function buyFromWalleo(config: WalleoConfig, brand: Brand, order: OrderRow): Promise<Bought> {
  const unit = 10n ** BigInt(brand.asset.exponent)
  // Walleo sells whole currency units.
  if (order.face % unit !== 0n) return { status: 'failed', error: 'value-not-offered' }
  try {
    const card = await createWalleo(config).createCard(
      { amount: Number(order.face / unit), gift_card_code: config.code },
      { requestId: order.id },
    )
    const secrets = { code: card.code, pin: card.pin_code, url: card.pdf_url }
    return { status: 'card', secrets, ...(card.expire_at !== null && { expiresAt: Date.parse(card.expire_at) }) }
  } catch (error) {
    if (!(error instanceof WalleoError)) throw error
    return settle(error)
  }
}

async function buyFromTillo(config: TilloConfig, brand: Brand, order: OrderRow): Promise<Bought> {
  const { digital } = createTillo(config)
  try {
    const card = await digital.issue({
      client_request_id: order.id,
      brand: config.brand,
      face_value: { amount: formatAmount(order.face, brand.asset.exponent), currency: brand.asset.code },
      delivery_method: order.delivery === 'url' ? 'url' : 'code',
      fulfilment_by: 'partner',
      sector: config.sector,
    })
    const { code, url, pin, serial_number: serial, expiration_date: expires } = card
    return {
      status: 'card',
      secrets: { code: code ?? '', pin: pin ?? null, url: url ?? null, serial: serial ?? null },
      ...(expires != null && { expiresAt: Date.parse(expires) }),
    }
  } catch (error) {
    if (!(error instanceof TilloError)) throw error
    const bought = settle(error)
    // A failed processor may still come round, unless the order there says that it is over.
    if (bought.status !== 'pending' || error.code !== '603') return bought
    const there = await digital.orderStatus({ original_client_request_id: order.id }).catch(() => null)
    return there?.status === 'ERROR' ? { status: 'failed', error: `upstream: ${error.code}` } : bought
  }
}

/** About the caller or the moment: they say nothing of what an earlier request under the same id has done. */
const ABOUT_NOW = new Set<string>(['unauthorized', 'invalid_signature'] satisfies WalleoErrorCode[])

/** What may have been bought, or could be later, is asked for again; what the upstream refused is over. */
function settle(error: WalleoError | TilloError): Bought {
  const { applied, status, code } = error
  const effect = error instanceof TilloError ? tilloErrorFacts(code)?.effect : undefined
  const notNow = error instanceof TilloError ? effect === 'not-now' : ABOUT_NOW.has(code)
  // Tillo says with status 500 that no code is left, which is as final as any other refusal.
  const final = effect === 'none'
  const later = applied === 'unknown' || notNow || status === 0 || status === 429 || (status >= 500 && !final)
  return later ? { status: 'pending' } : { status: 'failed', error: `upstream: ${code}` }
}
