import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { checkJackpotToken, type JackpotRefusal } from '#sdk/jackpot/signing.ts'
import { equalBytes, secretMatches } from '../../credentials/secrets.ts'
import { type ApiCall, failCheck } from '../../operations/calls/call-log.ts'
import {
  type OpenedSession,
  type OpenRefusal,
  openMachineSession,
  openSession,
} from '../../operations/jackpot/open-session.ts'
import { readings } from '../../operations/jackpot/readings.ts'
import type { Authenticate, KnownKey } from './authenticate.ts'
import type { JackpotDeps } from './call.ts'
import { invalidRequest, JackpotProblem } from './errors.ts'
import { readObject } from './read-body.ts'
import { GRANTS, read, schemas } from './schema.ts'

/** Nobody has this one: an unknown key is checked like any other. */
const nobody = { key: createSecretKey(randomBytes(32)), secretHash: randomBytes(32) }

const expiresIn = readings.session / 1000

type Answer = (deps: JackpotDeps, authenticate: Authenticate, req: IncomingMessage, call: ApiCall) => Promise<object>

/** `POST /token`: a session of the first version. */
export const grantV1: Answer = async (deps, authenticate, req, call) => {
  const body = read(schemas.tokenV1, await readObject(req))
  const apiKey = apiKeyOf(req, body.apiKey)
  const known = await authenticate.findKey(req, apiKey, call)
  const { token } = await openByAssertion(deps, 'v1', known, body.initializationToken, call)
  return { sessionToken: token, expiresIn }
}

/** `POST /v2/token`: a session of the second version, or one of the partner's own machine. */
export const grantV2: Answer = async (deps, authenticate, req, call) => {
  const body = await readObject(req, { form: true })
  switch (body.grant_type) {
    case GRANTS.assertion: {
      const { client_id: apiKey, assertion } = read(schemas.assertion, body)
      const known = await authenticate.findKey(req, apiKeyOf(req, apiKey), call)
      return answer(await openByAssertion(deps, 'v2', known, assertion, call))
    }
    case GRANTS.machine: {
      const { client_id: apiKey, client_secret: secret } = read(schemas.machine, body)
      const known = await authenticate.findKey(req, apiKeyOf(req, apiKey), call)
      const matches = secretMatches(secret, known?.account.clientSecretHash ?? nobody.secretHash)
      if (!matches || !known) {
        if (known) failCheck(call, 'wrong-secret')
        throw new JackpotProblem('invalid_client')
      }
      call.proven = true
      return answer(await openMachineSession(deps.gift, known))
    }
    case undefined:
      throw invalidRequest('grant_type is missing')
    default:
      throw new JackpotProblem('unsupported_grant_type')
  }
}

const answer = ({ token }: OpenedSession) => ({ access_token: token, token_type: 'Bearer', expires_in: expiresIn })

/** In the body or in the header; where it is in both, it is the same. */
function apiKeyOf({ headers }: IncomingMessage, inBody: string | undefined): string {
  const inHeader = headers.apikey === undefined ? undefined : String(headers.apikey)
  if (inBody !== undefined && inHeader !== undefined && inBody !== inHeader)
    throw invalidRequest('The header apikey and the body name two keys')
  const apiKey = inBody ?? inHeader
  if (apiKey === undefined) throw invalidRequest('apiKey is missing')
  return apiKey
}

const words: Record<JackpotRefusal, string> = {
  'missing-token': 'The initialization token is missing',
  'malformed-token': 'The initialization token is no JSON Web Token in canonical base64url',
  'algorithm-refused': 'The initialization token is not signed with HS256',
  'header-refused': 'The header of the initialization token asks for what is never done',
  'malformed-claims': 'A claim of the initialization token is missing or of another type',
  'stale-token': `The iat of the initialization token is more than ${readings.oldestSeconds} seconds ago`,
  'future-token': `The iat of the initialization token is more than ${readings.futureSeconds} seconds in the future`,
}

const refusals: Record<OpenRefusal, string> = {
  'token-used': 'The initialization token, or its notificationKey, was used before',
  'amount-invalid': 'The amount of the initialization token is none in the currency of the account',
  'user-too-long': 'The userId of the initialization token has more than 255 characters',
}

const invalidGrant = (message: string) => new JackpotProblem('invalid_grant', message)

/** The token is used up last, when nothing else is wrong with it. Nothing is told of it to whoever did not sign it. */
async function openByAssertion(
  deps: JackpotDeps,
  version: 'v1' | 'v2',
  known: KnownKey | null,
  token: string,
  call: ApiCall,
): Promise<OpenedSession> {
  const key = known?.key ?? nobody.key
  const mac = (text: string) => createHmac('sha256', key).update(text).digest('base64url')
  const checked = checkJackpotToken(version, token, mac, deps.gift.clock(), readings)
  if (known === null) throw new JackpotProblem('invalid_client')
  if (!checked.ok) {
    failCheck(call, checked.refusal)
    throw invalidGrant(words[checked.refusal])
  }
  if (!equalBytes(Buffer.from(checked.presented), Buffer.from(checked.expected))) {
    failCheck(call, 'wrong-signature')
    throw invalidGrant('The signature of the initialization token is wrong')
  }
  call.proven = true
  call.requestId = checked.claims.notificationKey
  const { claims, signingInput: signed } = checked
  const opened = await openSession(deps.gift, { caller: known, claims, signed })
  if (!('refusal' in opened)) return opened
  throw invalidGrant(refusals[opened.refusal])
}
