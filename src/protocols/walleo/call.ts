import type { Json, JsonObject } from '#sdk/protocol/exact-json.ts'
import type { RequestLimitDeps } from '../../credentials/request-limits.ts'
import type { Deps } from '../../deps.ts'
import type { BuyUpstream } from '../../operations/gift-cards/fulfil-order.ts'
import type { Partner } from '../../storage/partners.ts'
import type { AuthenticateDeps } from './authenticate.ts'
import type { FindSold } from './offer.ts'

export type WalleoDeps = Pick<Deps, 'db' | 'gift' | 'keyring' | 'clock' | 'log' | 'calls'> &
  RequestLimitDeps &
  AuthenticateDeps & {
    /** how a card at once of an upstream brand is bought */
    buyUpstream: BuyUpstream
  }

export type HandleDeps = WalleoDeps & { readonly findSold: FindSold }

/** A request whose sender is known. */
export type Call = {
  readonly partner: Partner
  readonly body: Json | undefined
  /** the last part of the path, where it names something */
  readonly name: string
  readonly query: URLSearchParams
  /** `X-RequestId` */
  readonly requestId: string | undefined
  /** that it came from, as limits count it */
  readonly network: string
  /** headers that the answer will have, a refusal too */
  readonly told: Record<string, string>
}

/** Answers with the text of a JSON document. */
export type Handle = (deps: HandleDeps, call: Call) => Promise<string>

/** The object of that name in the body; undefined when there is none. */
export function memberOf(body: Json | undefined, name: string): JsonObject | undefined {
  const member = isObject(body) && Object.hasOwn(body, name) ? body[name] : undefined
  return isObject(member) ? member : undefined
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
