import { createSecretKey, type KeyObject } from 'node:crypto'
import type { Sql } from '../storage/database.ts'
import { type CredentialProtocol, findCredential, type Partner } from '../storage/partners.ts'
import { createAddressSet } from './address.ts'
import { createFreshCache } from './fresh-cache.ts'
import type { Keyring } from './keyring.ts'
import { hashSecret } from './secrets.ts'

/** A partner's live credential for one protocol, ready to check signatures with. */
export type PartnerKey = {
  readonly credentialId: string
  readonly partner: Partner
  /** Walleo's Id */
  readonly identifier: string | null
  /** the shared secret, made a key once: a signature with raw bytes costs nine times as much */
  readonly key: KeyObject
  /** Whether the credential may be used from this address. */
  allows(address: string): boolean
}

/** The credential of an API key; null for one that is unknown or revoked, or whose partner is disabled. */
export type FindPartnerKey = (apiKey: string) => PartnerKey | null | Promise<PartnerKey | null>

const CAPACITY = 10_000

/**
 * Knows the credentials in use, so that a busy partner costs no query; a change is known within five seconds in every process.
 * @param decode the bytes that a stored secret stands for
 */
export function createPartnerKeys(
  deps: { db: Sql; keyring: Keyring; monotonic?: () => number },
  protocol: CredentialProtocol,
  decode: (secret: string) => Uint8Array,
): FindPartnerKey {
  const { db, keyring, monotonic = () => performance.now() } = deps
  type Known = PartnerKey & { readonly sealed: Buffer }
  const known = createFreshCache<Known>({
    capacity: CAPACITY,
    monotonic,
    async load(keyHash, previous) {
      const found = await findCredential(db, protocol, Buffer.from(keyHash, 'hex'))
      if (!found) return null
      const { id, partner, identifier, secret: sealed, addresses } = found
      const key = previous?.sealed.equals(sealed)
        ? previous.key
        : createSecretKey(decode(keyring.open(sealed, `partner_credential:${id}`)))
      const allows = addresses.length === 0 ? () => true : createAddressSet(addresses)
      return { credentialId: id, partner, identifier, key, allows, sealed }
    },
  })
  // Not the key itself: what lies in memory for long need not be a secret.
  return (apiKey) => known.get(hashSecret(apiKey).toString('hex'))
}
