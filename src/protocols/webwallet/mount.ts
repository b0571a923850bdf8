import type { IncomingMessage, ServerResponse } from 'node:http'
import { explicitIdPattern, opaqueIdPattern } from '#sdk/protocol/wallet-id.ts'
import type { Config } from '../../config.ts'
import { createRequestAddress } from '../../credentials/address.ts'
import { createRequestLimits, type RequestLimitDeps } from '../../credentials/request-limits.ts'
import { isReservedNamespace } from '../../domain/wallet-id.ts'
import { BodyError, readBody, sendText } from '../../http/node.ts'
import { tooMany, WalletApiError } from './errors.ts'
import type { WalletAnswer, WalletDeps, WalletRequest } from './request.ts'
import { handleWallet, holderRoutes, refuse, routeOf } from './routes.ts'

const BODY_LIMIT = 65_536

/** A wallet id makes a path a wallet's: two colons, or 20 to 28 base58 characters; never a bare `/:x/:y`. */
const walletPath = new RegExp(
  `^(?:/wallets)?/(${explicitIdPattern}|${opaqueIdPattern})(?:/([a-z]+)(?:/([A-Za-z0-9._~-]{1,128})(?:/([a-z]+))?)?)?/?$`,
)
/** A person's wallets, of which the payload's currency picks one: only before the endpoints that take this form. */
const holderPath = new RegExp(
  `^(?:/wallets)?/([A-Za-z]{2,32})/([A-Za-z0-9._-]{1,64})/(${Object.keys(holderRoutes).join('|')})/?$`,
)

export type WalletMatch = Pick<WalletRequest, 'path' | 'wallet' | 'holder' | 'endpoint' | 'item' | 'action'>

/** The parts of a wallet's path; null for a path that is no wallet's. */
export function matchWallet(path: string): WalletMatch | null {
  const match = walletPath.exec(path)
  if (!match) return matchHolder(path)
  const [, wallet = '', endpoint = '', item = '', action = ''] = match
  const colon = wallet.search(/:|%/)
  return colon > 0 && isReservedNamespace(wallet.slice(0, colon).toLowerCase())
    ? null
    : { path, wallet, holder: null, endpoint, item, action }
}

function matchHolder(path: string): WalletMatch | null {
  const match = holderPath.exec(path)
  if (!match) return null
  const [, prefix = '', number = '', endpoint = ''] = match
  const namespace = prefix.toLowerCase()
  if (isReservedNamespace(namespace)) return null
  return { path, wallet: '', holder: `${namespace}:${number}`, endpoint, item: '', action: '' }
}

/** What surrounds a wallet request: headers of every answer, and who is told how it ended. */
export type Exchange = {
  readonly headers: Record<string, string>
  onFault(error: unknown): void
  onAnswer(status: number): void
}

/** The wallet routes on Node's own request and response: the one family where the cost of an adapter shows. */
export function createWalletHandler(
  outer: Omit<WalletDeps, 'limits'> & RequestLimitDeps & { config: Pick<Config, 'trustedProxies'> },
) {
  const limits = createRequestLimits(outer, 'webwallet')
  const deps: WalletDeps = { ...outer, limits }
  const addressOf = createRequestAddress(outer.config.trustedProxies ?? [])

  return async function handle(
    req: IncomingMessage,
    res: ServerResponse,
    match: WalletMatch,
    search: string,
    exchange: Exchange,
  ): Promise<void> {
    const { status, body, headers } = await answer(req, match, search, exchange)
    sendText(res, status, 'application/json', body, { ...exchange.headers, ...headers })
    exchange.onAnswer(status)
  }

  async function answer(
    req: IncomingMessage,
    match: WalletMatch,
    search: string,
    { onFault }: Exchange,
  ): Promise<WalletAnswer> {
    try {
      const paused = limits.before(() => addressOf(req))
      if (paused > 0) throw tooMany(paused)
      // What is no endpoint is told so without its body: no other answer may make its name a label of the metrics.
      const body = req.method === 'POST' && routeOf(match) ? await readBody(req, BODY_LIMIT) : ''
      const headers = req.headers as WalletRequest['headers']
      const request = { ...match, method: req.method ?? '', search, headers, body }
      const answered = await handleWallet(deps, request, onFault)
      if (answered.status === 401) limits.failed(addressOf(req))
      return answered
    } catch (error) {
      const refusal = error instanceof BodyError ? new WalletApiError(error.status, error.code, error.message) : error
      return refuse(match, null, refusal, onFault)
    }
  }
}
