import type { IncomingMessage, ServerResponse } from 'node:http'
import { createAccessTokenVerifier, type VerifyAccessToken } from '../../credentials/access-token.ts'
import { type ClientStates, createClientStates } from '../../credentials/client-states.ts'
import { type ConsentStates, createConsentStates } from '../../credentials/consent-states.ts'
import { createDpopProofs } from '../../credentials/dpop.ts'
import type { Keyring } from '../../credentials/keyring.ts'
import { createRevocations } from '../../credentials/revocations.ts'
import type { Rates } from '../../credentials/shared-rates.ts'
import { createSigningKeys, type SigningKeys } from '../../credentials/signing-keys.ts'
import type { Database } from '../../storage/database.ts'
import { createBeginLimit } from './begin-limit.ts'
import { createCurrentProvider } from './current-provider.ts'
import type { GrantDeps, Log } from './grants.ts'
import { createHandler } from './handle.ts'
import { createInteractions, type Interactions } from './interactions.ts'
import type { People } from './people.ts'
import { OAUTH_SETTINGS, type OauthSettings } from './settings.ts'
import { sweepOauth } from './sweep.ts'

export type OauthDeps = {
  db: Database
  keyring: Keyring
  /** The first one's origin is the issuer; a token's audience may be any of them. */
  publicUrls: string[]
  /** ms since the epoch */
  clock: () => number
  log: Log
  people: People
  /** the caller's network address: callers that prove nothing are counted by it */
  addressOf: (req: IncomingMessage) => string
  rates: Rates
  /** ms that only rise; the process's own when absent */
  monotonic?: () => number
  settings?: Partial<OauthSettings>
}

export type Oauth = {
  issuer: string
  /** Serves every path that `isOauthPath` owns. */
  handle(req: IncomingMessage, res: ServerResponse): void
  verifyAccessToken: VerifyAccessToken
  keys: SigningKeys
  /** Forget a client here after this process changed it; other processes follow within 5 s. */
  clients: ClientStates
  /** The same for a consent. */
  consents: ConsentStates
  /** Authorization requests that wait for their owners, for the consent page. */
  interactions: Interactions
  /** Renews the keys and deletes what has expired; for a job once a minute. */
  sweep(): Promise<{ deleted: number }>
}

/** The authorization server and the verifier of its tokens. Reads or makes the signing key before it resolves. */
export async function createOauth(deps: OauthDeps): Promise<Oauth> {
  const { db, keyring, clock, log, people } = deps
  const [issuer, ...others] = deps.publicUrls.map((url) => new URL(url).origin)
  if (!issuer) throw new Error('the authorization server needs a public URL')
  const monotonic = deps.monotonic ?? (() => performance.now())
  const settings: OauthSettings = { ...OAUTH_SETTINGS, ...deps.settings }

  const keys = await createSigningKeys({ db, keyring, clock, monotonic })
  const clients = createClientStates({ db, keyring, monotonic })
  const consents = createConsentStates({ db, monotonic })
  const revocations = createRevocations({ db, clock, monotonic })
  await revocations.ready()

  const audiences = new Set([issuer, ...others])
  const proofs = createDpopProofs({ db, origins: audiences, clock })
  const grantDeps: GrantDeps = {
    db,
    keyring,
    clients,
    consents,
    people,
    keys,
    revocations,
    proofs,
    issuer,
    clock,
    log,
    settings,
  }
  const provider = createCurrentProvider(grantDeps)

  return {
    issuer,
    handle: createHandler({ provider, keys, proofs, people, log, begins: createBeginLimit(deps) }),
    verifyAccessToken: createAccessTokenVerifier({
      issuer,
      audiences,
      keys,
      clients,
      consents,
      revocations,
      proofs,
    }),
    keys,
    clients,
    consents,
    interactions: createInteractions({ ...grantDeps, provider }),
    async sweep() {
      await keys.reload()
      return { deleted: await sweepOauth(db, clock(), settings) }
    },
  }
}
