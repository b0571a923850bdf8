import { randomBytes } from 'node:crypto'
import { signingSecretContext } from '../credentials/client-states.ts'
import type { Keyring } from '../credentials/keyring.ts'
import { isWalletScope } from '../credentials/scopes.ts'
import { hashSecret, makeSecret } from '../credentials/secrets.ts'
import { insertClient } from '../storage/clients.ts'
import type { Sql } from '../storage/database.ts'
import { OperationRefusal, requireName } from './input.ts'
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
  const redirectUris = [...new Set(input.redirectUris ?? [])]
  for (const uri of redirectUris) requireRedirectUri(uri)
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
  })
  if (!inserted) throw new OperationRefusal('already_exists', 'id', 'this client id is taken')
  return { id, clientSecret, signingSecret }
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Absolute, without a fragment (RFC 6749 section 3.1.2), and over TLS unless it stays on the machine (RFC 9700 section 2.6). */
function requireRedirectUri(uri: string): void {
  const url = URL.parse(uri)
  const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.has(url.hostname))
  if (!url || !secure || uri.includes('#') || url.username || url.password || uri.length > 2_000)
    throw new OperationRefusal(
      'invalid_input',
      'redirect_uris',
      'a redirect URI is https, or http on this machine, without #',
    )
}
