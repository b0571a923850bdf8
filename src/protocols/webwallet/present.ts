import { checkEnvelope, readEnvelope } from '#sdk/protocol/envelope.ts'
import { EnvelopeError, ExactJsonError } from '#sdk/protocol/errors.ts'
import { parseExactJson } from '#sdk/protocol/exact-json.ts'
import type { ClientState } from '../../credentials/client-states.ts'
import { createMac } from '../../credentials/envelope.ts'
import type { Principal } from '../../credentials/principal.ts'
import { looksLikeTransactionToken } from '../../credentials/transaction-token.ts'
import { forbidden, malformed } from './errors.ts'
import type { WalletDeps, WalletRequest } from './request.ts'

/**
 * The transaction token that is the bearer of a charge; null for any other credential. A payment takes none as its bearer: it
 * debits the presenter, for which a signing secret alone is too little.
 */
export function bearerTransactionToken({ endpoint, method, headers }: WalletRequest): string | null {
  if (endpoint !== 'charges' || method !== 'POST') return null
  const token = /^bearer ([A-Za-z0-9._-]+)$/i.exec(headers.authorization ?? '')?.[1]
  return token !== undefined && looksLikeTransactionToken(token) ? token : null
}

/**
 * Who presents a transaction token that is the bearer: the client that `header.kid` names and whose signing secret fits, with the
 * wallets of its own party. Nothing is taken from the header but which key to try, and every failure looks the same.
 */
export async function authenticatePresenter(deps: WalletDeps, { body }: WalletRequest): Promise<Principal> {
  try {
    const envelope = readEnvelope(parseExactJson(body))
    const client = envelope.kid === null ? null : await deps.clients.get(envelope.kid)
    const key = client && !client.disabled && client.signingKey
    if (!key) throw unproven()
    checkEnvelope(envelope, createMac(key))
    return principalOf(client as ClientState, deps.clock())
  } catch (error) {
    if (error instanceof ExactJsonError) throw malformed(error.code, error.message)
    if (!(error instanceof EnvelopeError)) throw error
    if (error.code === 'envelope-unsigned' || error.code === 'envelope-signature-wrong') throw unproven()
    throw malformed(error.code, error.message)
  }
}

const principalOf = (client: ClientState, now: number): Principal => ({
  clientId: client.id,
  clientParty: client.partyId,
  subject: client.partyId,
  scopes: client.scopes,
  wallets: 'all',
  public: false,
  signingKey: client.signingKey,
  scheme: 'Bearer',
  expiresAt: now,
})

const unproven = () =>
  forbidden('presenter-unproven', 'The envelope must be signed by the client that header.kid names')
