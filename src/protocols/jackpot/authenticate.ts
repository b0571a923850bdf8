import type { IncomingMessage } from 'node:http'
import { createRequestAddress } from '../../credentials/address.ts'
import { createPartnerKeys, type PartnerKey } from '../../credentials/partner-keys.ts'
import { type ApiCall, failCheck } from '../../operations/calls/call-log.ts'
import { findSession } from '../../operations/jackpot/find-session.ts'
import { findJackpotCaller, type JackpotCaller } from '../../operations/jackpot/open-session.ts'
import type { JackpotDeps, Means, Who } from './call.ts'
import { JackpotProblem } from './errors.ts'

/** A partner whose API key was presented, with what its tokens are signed with. */
export type KnownKey = JackpotCaller & Pick<PartnerKey, 'key'>

export type Authenticate = {
  addressOf(req: IncomingMessage): string
  /** The partner of an API key, from an address from which it may be used; null for any other. */
  findKey(req: IncomingMessage, apiKey: string, call: ApiCall): Promise<KnownKey | null>
  /** Who sends a request. @throws {JackpotProblem} `invalid_client`, `invalid_token`, `insufficient_scope` */
  prove(req: IncomingMessage, means: readonly Means[], call: ApiCall): Promise<Who>
}

const NAMES: Record<Means, string> = {
  key: 'the header apikey',
  client: 'the token of a client session',
  machine: 'the token of a machine-to-machine session',
}

export function createAuthenticate(deps: JackpotDeps): Authenticate {
  const find = createPartnerKeys(deps, 'jackpot', (secret) => Buffer.from(secret, 'utf8'))
  const addressOf = createRequestAddress(deps.config.trustedProxies ?? [])

  async function findKey(req: IncomingMessage, apiKey: string, call: ApiCall): Promise<KnownKey | null> {
    const address = addressOf(req)
    call.address = address
    const known = await find(apiKey)
    if (!known) return null
    call.owner = { partyId: known.partner.partyId, credentialId: known.credentialId }
    if (!known.allows(address)) {
      failCheck(call, 'address', { address })
      return null
    }
    const caller = await findJackpotCaller(deps, known)
    if (!caller) failCheck(call, 'no-account')
    return caller && { ...caller, key: known.key }
  }

  async function proveKey(req: IncomingMessage, apiKey: string, call: ApiCall): Promise<Who> {
    const caller = await findKey(req, apiKey, call)
    if (!caller) throw new JackpotProblem('invalid_client')
    call.proven = true
    return { means: 'key', caller }
  }

  async function proveSession(authorization: string, call: ApiCall): Promise<Who> {
    const [, token = ''] = /^bearer ([\x21-\x2b\x2d-\x7e]{1,200})$/i.exec(authorization) ?? []
    const session = await findSession(deps.gift, token)
    if (!session) throw new JackpotProblem('invalid_token')
    call.owner = { partyId: session.partner.partyId, credentialId: null }
    call.proven = true
    call.requestId = session.notificationKey
    const { amount } = session
    return amount === null ? { means: 'machine', session } : { means: 'client', session, amount }
  }

  return {
    addressOf,
    findKey,
    async prove(req, means, call) {
      const { authorization, apikey } = req.headers
      if (authorization === undefined && apikey === undefined)
        throw new JackpotProblem(means.includes('key') ? 'invalid_client' : 'invalid_token', `Send ${wanted(means)}`)
      const who =
        authorization === undefined
          ? await proveKey(req, String(apikey), call)
          : await proveSession(authorization, call)
      if (!means.includes(who.means)) throw new JackpotProblem('insufficient_scope', `This path takes ${wanted(means)}`)
      return who
    },
  }
}

const wanted = (means: readonly Means[]) => means.map((one) => NAMES[one]).join(', or ')
