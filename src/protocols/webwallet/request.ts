import type { EnvelopeMac } from '#sdk/protocol/envelope.ts'
import { sealEnvelope } from '#sdk/protocol/envelope.ts'
import type { VerifyAccessToken } from '../../credentials/access-token.ts'
import type { ClientStates } from '../../credentials/client-states.ts'
import { createMac } from '../../credentials/envelope.ts'
import type { Keyring } from '../../credentials/keyring.ts'
import type { Principal } from '../../credentials/principal.ts'
import type { RequestLimits } from '../../credentials/request-limits.ts'
import type { SigningKeys } from '../../credentials/signing-keys.ts'
import type { Ledger } from '../../ledger/command.ts'
import type { WalletDirectory } from '../../operations/wallet-directory.ts'
import type { Database } from '../../storage/database.ts'

/** What the wallet routes need. */
export type WalletDeps = {
  db: Database
  ledger: Ledger
  directory: WalletDirectory
  verifyAccessToken: VerifyAccessToken
  /** of the authorization server: transaction tokens are signed with its keys, in its name, and clients may present them */
  keys: Pick<SigningKeys, 'signer' | 'find'>
  issuer: string
  clients: ClientStates
  /** seals what is kept of answers with a credential in them */
  keyring: Pick<Keyring, 'seal' | 'open'>
  limits: Pick<RequestLimits, 'take'>
  /** ms since the epoch */
  clock: () => number
}

/** A request to a wallet route, cut apart by the route's pattern. */
export type WalletRequest = {
  readonly method: string
  /** `:walletID` as it stands in the path; '' where a namespace and a number stand instead */
  readonly wallet: string
  /** `namespace:number`, normalised, of a path without currency; the payload's completes it */
  readonly holder: string | null
  /** `payments`, `balance`…; '' for the wallet itself */
  readonly endpoint: string
  /** what follows the endpoint: a transaction's reference */
  readonly item: string
  /** what is to be done with that */
  readonly action: string
  /** the whole path as it stands in the request line, which a proof of possession names */
  readonly path: string
  /** what follows the question mark */
  readonly search: string
  readonly headers: {
    authorization?: string | undefined
    dpop?: string | undefined
    'idempotency-key'?: string | undefined
    'content-type'?: string | undefined
  }
  /** the body's bytes as text; empty for GET */
  readonly body: string
  /** a transaction token that came as the bearer, in place of an access token */
  readonly presented?: string
}

export type WalletAnswer = { readonly status: number; readonly body: string; readonly headers?: Record<string, string> }

/** The client's MAC; null for a public client. */
export function macOf(principal: Principal | null): EnvelopeMac | null {
  const key = principal?.signingKey
  return key ? createMac(key) : null
}

/** An answer's envelope: signed with the client's secret where it has one. */
export function seal(principal: Principal | null, payload: object): string {
  return sealEnvelope(payload, macOf(principal))
}

/** The name under which a principal's commands and keys are kept: a client has other keys for each party that it acts for. */
export function principalName(principal: Principal): string {
  const { clientId, clientParty, subject } = principal
  if (subject === clientParty) return `client:${clientId}`
  return `client:${clientId}:party:${subject}`
}
