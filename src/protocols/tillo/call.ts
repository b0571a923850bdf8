import type { JsonObject } from '#sdk/protocol/exact-json.ts'
import type { TilloOperation } from '#sdk/tillo/endpoints.ts'
import type { Config } from '../../config.ts'
import type { Deps } from '../../deps.ts'
import type { BuyUpstream } from '../../operations/gift-cards/fulfil-order.ts'
import type { Partner } from '../../storage/partners.ts'
import type { Offers } from './offers.ts'

export type TilloDeps = Pick<Deps, 'db' | 'gift' | 'keyring' | 'log' | 'mailer' | 'calls' | 'rates'> & {
  config: Pick<Config, 'trustedProxies' | 'tilloRateLimit' | 'rateLimits'>
  /** origin of the card pages */
  origin: string
  /** how a card at once of an upstream brand is bought */
  buyUpstream: BuyUpstream
}

/** What the handlers have. */
export type Context = TilloDeps & { offers: Offers }

/** A request whose sender is known and has not asked too often. */
export type Call = {
  readonly operation: TilloOperation
  readonly partner: Partner
  /** empty where there is none */
  readonly body: JsonObject
  readonly query: URLSearchParams
  /** that it came from, as limits count it */
  readonly network: string
}

/** `message` is absent from the one answer that has none. */
export type Success = { readonly message?: string; readonly data: object }

export type File = { readonly bytes: Uint8Array; readonly type: string; readonly name: string }

export type Handle = (context: Context, call: Call) => Promise<Success | File>
