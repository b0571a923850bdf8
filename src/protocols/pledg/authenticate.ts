import type { IncomingMessage } from 'node:http'
import { createRequestAddress } from '../../credentials/address.ts'
import { readBasic } from '../../credentials/basic.ts'
import { createDashboardLogin } from '../../credentials/dashboard-login.ts'
import { createFreshCache } from '../../credentials/fresh-cache.ts'
import { secretMatches } from '../../credentials/secrets.ts'
import { loadServerKey } from '../../credentials/server-key.ts'
import { findMerchantKey, type MerchantKey } from '../../storage/merchant-keys.ts'
import { type AccessTokens, createAccessTokens } from './access-token.ts'
import type { Caller, PledgDeps } from './call.ts'
import { type OauthError, PledgProblem, tooMany } from './errors.ts'

const REALM = 'realm="pledg", charset="UTF-8"'
const CAPACITY = 10_000

export type Authenticate = {
  /** `POST /api/token`: key and secret. @returns the key's id */
  client(req: IncomingMessage): Promise<string>
  tokens(): Promise<AccessTokens>
  /** The protected endpoints: a bearer token, or the dashboard's e-mail address and password. @throws {PledgProblem} */
  caller(req: IncomingMessage): Promise<Caller>
}

export function createAuthenticate(deps: PledgDeps): Authenticate {
  const { db, purchases } = deps
  const addressOf = createRequestAddress(deps.config.trustedProxies ?? [])
  const checkLogin = createDashboardLogin(deps)
  let loading: Promise<AccessTokens> | undefined
  const tokens = () => {
    // After a failure the next request tries again.
    loading ??= loadServerKey(deps, 'pledg-tokens').then(
      (key) => createAccessTokens(key, purchases.clock),
      (error) => {
        loading = undefined
        throw error
      },
    )
    return loading
  }
  // A revoked key ends its tokens within seconds, in every process.
  const keys = createFreshCache<MerchantKey>({
    load: async (id) => (await findMerchantKey(db, { id })) ?? null,
    capacity: CAPACITY,
    monotonic: () => performance.now(),
  })

  async function bearer(token: string): Promise<Caller> {
    const read = (await tokens()).read(token)
    if (read === 'expired') throw badToken('The access token has expired: ask for another one')
    const key = read === 'invalid' ? null : await keys.get(read.keyId)
    if (!key) throw badToken('The access token is not valid here')
    return { reach: key, actor: `pledg:${key.id}` }
  }

  async function basic(authorization: string, req: IncomingMessage): Promise<Caller> {
    const pair = readBasic(authorization)
    if (!pair) throw wrongLogin()
    const outcome = await checkLogin({ email: pair.name, password: pair.secret, address: addressOf(req) })
    if (outcome.result === 'throttled') throw tooMany(outcome.seconds)
    if (outcome.result === 'wrong') throw wrongLogin()
    return { reach: { partyId: outcome.partyId }, actor: `person:${outcome.partyId}` }
  }

  return {
    tokens,
    async client(req) {
      const pair = readBasic(authorizationOf(req, wrongClient))
      const known = pair && (await findMerchantKey(db, { key: pair.name }))
      // An unknown key costs the same comparison.
      const right = secretMatches(pair?.secret ?? '', known?.secretHash ?? Buffer.alloc(32))
      if (!known || !right) throw wrongClient()
      return known.id
    },
    async caller(req) {
      const authorization = authorizationOf(req, unproven)
      const token = /^bearer +([\x21-\x7e]+)$/i.exec(authorization ?? '')?.[1]
      if (token !== undefined) return bearer(token)
      if (/^basic /i.test(authorization ?? '')) return basic(authorization as string, req)
      throw unproven()
    },
  }
}

/** Two `Authorization` headers are none, also where they would make one when joined. */
function authorizationOf(req: IncomingMessage, refusal: () => PledgProblem): string | undefined {
  const values = req.headersDistinct.authorization
  if (values !== undefined && values.length > 1) throw refusal()
  return values?.[0]
}

const refused = (message: string, challenges: string, oauth?: OauthError) =>
  new PledgProblem('authentication_error', message, {
    headers: { 'www-authenticate': challenges },
    ...(oauth && { oauth }),
  })

const wrongClient = () => refused('The API key or secret is wrong', `Basic ${REALM}`, 'invalid_client')
const badToken = (message: string) =>
  refused(message, `Bearer ${REALM}, error="invalid_token", error_description="${message}"`, 'invalid_token')
const unproven = () =>
  refused('A bearer token, or the dashboard login by Basic, is needed', `Bearer ${REALM}, Basic ${REALM}`)
const wrongLogin = () => refused('The e-mail address or password is wrong', `Bearer ${REALM}, Basic ${REALM}`)
