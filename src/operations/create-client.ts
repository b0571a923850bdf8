import { randomBytes } from 'node:crypto'
import { signingSecretContext } from '../credentials/client-states.ts'
import type { Keyring } from '../credentials/keyring.ts'
import { isWalletScope } from '../credentials/scopes.ts'
import { hashSecret, makeSecret } from '../credentials/secrets.ts'
import { insertClient } from '../storage/clients.ts'
import type { Sql } from '../storage/database.ts'
import { OperationRefusal, requireName } from './input.ts'
import { implicitNeedsRedirectUri, requireRedirectUris } from './redirect-uris.ts'
import { requireParty } from './require-party.ts'

export type CreateClientInput = {
  partyId: string
  name: string
  /** chosen by the server when absent */
  id?: string
  /** runs where it can keep no secret: a browser, a phone */
  public?: boolean
  redirectUris?: string[]
  scopes: string[]
  /** may have tokens sent through the address bar (RFC 6749 section 4.2), against the advice of RFC 9700 section 2.1.2 */
  implicit?: boolean
}

export type CreatedClient = {
  id: string
  /** in this answer and nowhere else; null for a public client */
  clientSecret: string | null
  signingSecret: string | null
}

/** Registers an OAuth application. */
export async function createClient(
  deps: { db: Sql; keyring: Keyring },
  input: CreateClientInput,
): Promise<CreatedClient> {
  const id = input.id ?? `bfc_${randomBytes(12).toString('base64url')}`
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(id))
    throw new OperationRefusal(
      'invalid_input',
      'id',
      'a client id has 1 to 64 letters, digits, dots, dashes, underscores',
    )
  const name = requireName(input.name)
  if (input.scopes.length === 0 || !input.scopes.every(isWalletScope))
    throw new OperationRefusal('invalid_input', 'scopes', 'a client needs one or more of the wallet scopes')
  const redirectUris = requireRedirectUris(input.redirectUris ?? [])
  const implicit = input.implicit ?? false
  if (implicit && redirectUris.length === 0) throw implicitNeedsRedirectUri()
  const isPublic = input.public ?? false
  const clientSecret = isPublic ? null : makeSecret('clientSecret')
  const signingSecret = isPublic ? null : makeSecret('signingSecret')
  const party = await requireParty(deps.db, input.partyId)
  const inserted = await insertClient(deps.db, {
    id,
    party_id: party.id,
    name,
    public: isPublic,
    secret_hash: clientSecret === null ? null : hashSecret(clientSecret),
    signing_secret: signingSecret === null ? null : deps.keyring.seal(signingSecret, signingSecretContext(id)),
    redirect_uris: redirectUris,
    scopes: [...new Set(input.scopes)],
    implicit,
  })
  if (!inserted) throw new OperationRefusal('already_exists', 'id', 'this client id is taken')
  return { id, clientSecret, signingSecret }
}
