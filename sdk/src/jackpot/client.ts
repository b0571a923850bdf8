import { pathSegment, tokenOf } from '../protocol/rest-call.ts'
import { createTokenCache } from '../protocol/token-cache.ts'
import { JackpotError } from './error.ts'
import { verifyJackpotNotification } from './notifications.ts'
import { requireAmount, sessionOver } from './session.ts'
import * as shapes from './shapes.ts'
import { importJackpotKey, type JackpotClaims, type JackpotClaimsV1, signJackpotToken } from './signing.ts'
import { createTransport } from './transport.ts'
import type { Jackpot, JackpotOptions } from './types.ts'

const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

/**
 * A client of Jackpot's API, the vendor's or a Billfold's. Keep it on a server: whoever has its secrets spends the partner's money.
 * Where nobody should have them there is `createJackpotSession`, which takes a session's token only.
 *
 * Throws a `TypeError` for an API key that can't stand in a header.
 */
export function createJackpot(options: JackpotOptions): Jackpot {
  const { apiKey, apiSignature, clientSecret } = options
  if (!/^[!-~]{1,255}$/.test(apiKey)) throw new TypeError('The API key is not 1 to 255 visible ASCII characters')
  const clock = options.clock ?? Date.now
  const call = createTransport(options)
  let imported: Promise<CryptoKey> | undefined

  const tokens = createTokenCache(async () => {
    if (clientSecret === undefined) throw new TypeError('There is no clientSecret to get a token with')
    const askedAt = clock()
    const body = { grant_type: 'client_credentials', client_id: apiKey, client_secret: clientSecret }
    const request = { method: 'POST', proof: { headers: {} }, body, again: 'same' } as const
    return tokenOf(await call('/v2/token', { ...request, shape: shapes.tokenAnswer }), askedAt)
  }, clock)

  async function sign<Claims extends JackpotClaims | JackpotClaimsV1>(
    wish: Omit<Claims, 'iat' | 'notificationKey'> & { amount: number; iat?: number; notificationKey?: string },
  ) {
    requireAmount(wish.amount)
    if (apiSignature === undefined) throw new TypeError('There is no apiSignature to sign with')
    imported ??= importJackpotKey(apiSignature)
    const { iat = Math.floor(clock() / 1000), notificationKey = crypto.randomUUID() } = wish
    const claims = { ...wish, iat, notificationKey } as unknown as Claims
    return { token: await signJackpotToken(claims, await imported), notificationKey }
  }

  const opening = { method: 'POST', proof: { headers: {} }, again: 'another' } as const
  const voucherPath = (id: string) => `/v2/voucher/${pathSegment(id)}`
  const change =
    (verb: 'confirm' | 'cancel' | 'refund'): Jackpot[typeof verb] =>
    async (id, { signal } = {}) =>
      call(`${voucherPath(id)}/${verb}`, {
        method: 'PUT',
        proof: { tokens },
        again: 'same',
        shape: shapes.voucher,
        signal,
      })

  const stores: Jackpot['stores'] = async ({ signal } = {}) => {
    const proof = { headers: { apikey: apiKey } }
    return call('/v2/stores', { method: 'GET', proof, again: 'none', shape: shapes.stores, signal })
  }
  const voucher: Jackpot['voucher'] = async (id, { signal } = {}) =>
    call(voucherPath(id), { method: 'GET', proof: { tokens }, again: 'none', shape: shapes.voucher, signal })

  return {
    stores,
    voucher,
    confirm: change('confirm'),
    cancel: change('cancel'),
    refund: change('refund'),
    initializationToken: async (wish) => (await sign<JackpotClaims>(wish)).token,
    async openSession(wish, { signal } = {}) {
      const { token: assertion, notificationKey } = await sign<JackpotClaims>(wish)
      const askedAt = clock()
      const body = { grant_type: jwtBearer, client_id: apiKey, assertion }
      const answer = await call('/v2/token', { ...opening, body, shape: shapes.tokenAnswer, signal })
      const { value, expiresAt } = tokenOf(answer, askedAt)
      return sessionOver(call, { accessToken: value, notificationKey, expiresAt })
    },
    async openSessionV1(wish, { signal } = {}) {
      const { token: initializationToken, notificationKey } = await sign<JackpotClaimsV1>(wish)
      const askedAt = clock()
      const body = { apiKey, initializationToken }
      const { sessionToken, expiresIn } = await call('/token', {
        ...opening,
        body,
        shape: shapes.tokenAnswerV1,
        signal,
      })
      const expiresAt = askedAt + expiresIn * 1000
      return sessionOver(call, { accessToken: sessionToken, notificationKey, expiresAt })
    },
    verifyNotification: (body, callOptions) =>
      verifyJackpotNotification(
        body,
        { voucher: (id) => voucher(id, callOptions), stores: () => stores(callOptions) },
        isAbsent,
      ),
  }
}

// 400 is how an id that is no UUID may be refused.
const isAbsent = (error: unknown): error is JackpotError =>
  error instanceof JackpotError && (error.status === 404 || error.status === 400)
