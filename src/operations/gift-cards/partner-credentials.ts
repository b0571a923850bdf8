import { isIP } from 'node:net'
import type { Keyring } from '../../credentials/keyring.ts'
import type { Sql } from '../../storage/database.ts'
import {
  type CredentialListing,
  type CredentialProtocol,
  findCredentialListing,
  revokeCredential,
  updateCredentialAddresses,
} from '../../storage/partners.ts'
import { OperationRefusal, requireUuid } from '../input.ts'
import { createCredential, type NewCredential } from './create-partner.ts'
import { requirePartnerListing } from './require-brand.ts'

/** An address of a network: one address, or a CIDR block. */
export function isAddressBlock(text: string): boolean {
  const [address = '', bits, more] = text.split('/')
  const version = isIP(address)
  if (version === 0 || more !== undefined) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 6 ? 128 : 32))
}

function requireAddresses(addresses: readonly string[]): void {
  const wrong = addresses.find((text) => !isAddressBlock(text))
  if (wrong !== undefined)
    throw new OperationRefusal('invalid_input', 'addresses', `${wrong} is no address and no CIDR block`)
}

type CredentialRef = { partner: string; credentialId: string }

/** Makes a credential; key and secret are in the answer and nowhere else. @throws {OperationRefusal} */
export async function addCredential(
  deps: { db: Sql; keyring: Keyring; clock: () => number },
  input: { partner: string; protocol: CredentialProtocol; addresses?: readonly string[] },
): Promise<NewCredential & { listing: CredentialListing }> {
  const partner = await requirePartnerListing(deps.db, input.partner)
  if (partner.disabledAt) throw new OperationRefusal('conflict', 'partner', 'the partner is disabled')
  requireAddresses(input.addresses ?? [])
  const made = await createCredential(deps, partner, input.protocol, input.addresses)
  return { ...made, listing: await requireCredential(deps.db, { partner: partner.slug, credentialId: made.id }) }
}

/** A credential of this partner; another partner's is not there. @throws {OperationRefusal} */
export async function requireCredential(
  sql: Sql,
  { partner, credentialId }: CredentialRef,
): Promise<CredentialListing> {
  const { id } = await requirePartnerListing(sql, partner)
  const credential = await findCredentialListing(sql, requireUuid('credential_id', credentialId))
  if (credential?.partner_id === id) return credential
  throw new OperationRefusal('not_found', 'credential_id', 'the partner has no such credential')
}

/** Ends a credential; one that had ended stays as it is. */
export async function endCredential(sql: Sql, ref: CredentialRef): Promise<void> {
  const { id } = await requireCredential(sql, ref)
  await revokeCredential(sql, id)
}

/** Says from where a credential may be used; from anywhere when the list is empty. */
export async function setCredentialAddresses(
  sql: Sql,
  ref: CredentialRef,
  addresses: readonly string[],
): Promise<CredentialListing> {
  const { id, revoked_at: revokedAt } = await requireCredential(sql, ref)
  if (revokedAt) throw new OperationRefusal('conflict', 'credential_id', 'the credential was revoked')
  requireAddresses(addresses)
  await updateCredentialAddresses(sql, id, addresses)
  return requireCredential(sql, ref)
}
