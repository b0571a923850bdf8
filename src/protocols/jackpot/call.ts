import type { Config } from '../../config.ts'
import type { Deps } from '../../deps.ts'
import type { JackpotCaller } from '../../operations/jackpot/open-session.ts'
import type { JackpotSession } from '../../storage/jackpot-sessions.ts'

export type JackpotDeps = Pick<Deps, 'db' | 'gift' | 'keyring' | 'log' | 'calls' | 'rates'> & {
  config: Pick<Config, 'trustedProxies' | 'rateLimits'>
  /** of the signed addresses */
  origin: string
}

/** Who asks: a partner by its API key, a session of one of its users, or one of its own machine. */
export type Who =
  | { readonly means: 'key'; readonly caller: JackpotCaller }
  | { readonly means: 'client'; readonly session: JackpotSession; readonly amount: bigint }
  | { readonly means: 'machine'; readonly session: JackpotSession }

export type Means = Who['means']

/** A request that has passed what its route asks of its sender. */
export type Call<M extends Means = Means> = {
  readonly who: Extract<Who, { means: M }>
  /** that the request came from, as limits count it */
  readonly network: string
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** of a POST: the object of its body */
  readonly body: Readonly<Record<string, unknown>>
}

/** Answers with what becomes JSON. */
export type Handle<M extends Means = Means> = (deps: JackpotDeps, call: Call<M>) => Promise<object>
