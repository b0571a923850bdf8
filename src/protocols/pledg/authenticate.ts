import type { IncomingMessage } from 'node:http'
import { createRequestAddress } from '../../credentials/address.ts'
import { readBasic } from '../../credentials/basic.ts'
import { createDashboardLogin } from '../../credentials/dashboard-login.ts'
import { createFreshCache } from '../../credentials/fresh-cache.ts'
import { secretMatches } from '../../credentials/secrets.ts'
import { loadServerKey } from '../../credentials/server-key.ts'
import { type ApiCall, failCheck } from '../../operations/calls/call-log.ts'
import { findMerchantKey, type MerchantKey } from '../../storage/merchant-keys.ts'
import { type AccessTokens, createAccessTokens } from './access-token.ts'
import type { Caller, PledgDeps } from './call.ts'
import { type OauthError, PledgProblem, tooMany } from './errors.ts'

const REALM = 'realm="pledg", charset="UTF-8"'
const CAPACITY = 10_000

export type Authenticate = {
  /** `POST /api/token`: key and secret. @returns the key's id */
  client(req: IncomingMessage, call: ApiCall): Promise<string>
  tokens(): Promise<AccessTokens>
  /** The protected endpoints: a bearer token, or the dashboard's e-mail address and password. @throws {PledgProblem} */
  caller(req: IncomingMessage, call: ApiCall): Promise<Caller>
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
  const keys = createFreshCache<MerchantKey & { readonly partyId: string }>({
    load: async (id) => (await findMerchantKey(db, { id })) ?? null,
    capacity: CAPACITY,
    monotonic: () => performance.now(),
  })

  async function bearer(token: string, call: ApiCall): Promise<Caller> {
    const read = (await tokens()).read(token)
    const key = read === 'invalid' ? null : await keys.get(read.keyId)
    if (key) call.owner = { partyId: key.partyId, credentialId: key.id }
    if (read !== 'invalid' && read.expired) {
      failCheck(call, 'expired-token')
      throw badToken('The access token has expired: ask for another one')
    }
    if (!key) throw badToken('The access token is not valid here')
    call.proven = true
    return { reach: key, actor: `pledg:${key.id}` }
  }

  async function basic(authorization: string, req: IncomingMessage, call: ApiCall): Promise<Caller> {
    const pair = readBasic(authorization)
    if (!pair) throw wrongLogin()
    const outcome = await checkLogin({ email: pair.name, password: pair.secret, address: addressOf(req) })
    if (outcome.result === 'throttled') throw tooMany(outcome.seconds)
    if (outcome.result === 'wrong') throw wrongLogin()
    call.owner = { partyId: outcome.partyId, credentialId: null }
    call.proven = true
    const { partyId, viewer } = outcome
    return { reach: { partyId }, actor: `person:${partyId}`, viewer }
  }

  return {
    tokens,
    async client(req, call) {
      call.address = addressOf(req)
      const pair = readBasic(authorizationOf(req, wrongClient))
      const known = pair && (await findMerchantKey(db, { key: pair.name }))
      // An unknown key costs the same comparison.
      const right = secretMatches(pair?.secret ?? '', known?.secretHash ?? Buffer.alloc(32))
      if (known) call.owner = { partyId: known.partyId, credentialId: known.id }
      if (!known || !right) {
        failCheck(call, 'wrong-secret')
        throw wrongClient()
      }
      call.proven = true
      return known.id
    },
    async caller(req, call) {
      call.address = addressOf(req)
      const authorization = authorizationOf(req, unproven)
      const token = /^bearer +([\x21-\x7e]+)$/i.exec(authorization ?? '')?.[1]
      if (token !== undefined) return bearer(token, call)
      if (/^basic /i.test(authorization ?? '')) return basic(authorization as string, req, call)
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
/** Known, and still not the one: no other proof is asked for. */
export const viewersLook = () =>
  new PledgProblem('authentication_error', 'A viewer of the team reads purchases, and changes none', { http: 403 })
const wrongLogin = () => refused('The e-mail address or password is wrong', `Bearer ${REALM}, Basic ${REALM}`)
