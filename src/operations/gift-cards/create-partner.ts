import { randomBytes, randomUUID } from 'node:crypto'
import type { Keyring } from '../../credentials/keyring.ts'
import { hashSecret } from '../../credentials/secrets.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import type { Ledger } from '../../ledger/command.ts'
import type { Database } from '../../storage/database.ts'
import {
  type CredentialProtocol,
  findPartner,
  insertCredential,
  insertFloat,
  insertPartner,
  type Partner,
} from '../../storage/partners.ts'
import { OperationRefusal } from '../input.ts'
import type { LimitsInput } from '../limits.ts'
import { type OpenedWallet, openWallet } from '../open-wallet.ts'
import { requireParty } from '../require-party.ts'

type Deps = { db: Database; ledger: Ledger; keyring: Keyring; clock: () => number }

/** Lets a business call the partner protocols; it has no float and no credential yet. */
export async function createPartner(
  deps: Deps,
  input: { partyId: string; slug: string; live?: boolean },
): Promise<Partner> {
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(input.slug))
    throw new OperationRefusal('invalid_input', 'slug', 'a slug has 1 to 63 lower-case letters, digits and dashes')
  const party = await requireParty(deps.db, input.partyId)
  const partner = { id: uuidV7(deps.clock()), partyId: party.id, slug: input.slug, live: input.live ?? false }
  if (!(await insertPartner(deps.db, partner)))
    throw new OperationRefusal('already_exists', 'slug', `the partner ${input.slug} exists`)
  return partner
}

/** Opens the wallet that a partner pays from in one currency. Without limits it holds anything from zero up. */
export async function openFloat(
  deps: Deps,
  actor: string,
  partner: Partner,
  input: LimitsInput & { currency: string; circle?: string },
): Promise<OpenedWallet> {
  const { currency, ...rest } = input
  const wallet = await openWallet(deps, actor, {
    ...rest,
    id: `float:${partner.slug}:${currency}`,
    partyId: partner.partyId,
  })
  if (!(await insertFloat(deps.db, partner.id, wallet.asset.id, wallet.id)))
    throw new OperationRefusal('already_exists', 'currency', `the partner has a float in ${currency}`)
  return wallet
}

/** What is shown once: the key that names the partner, and the secret that it signs with. */
export type NewCredential = {
  readonly id: string
  readonly apiKey: string
  /** hexadecimal for Walleo, which decodes it; text for the others */
  readonly secret: string
  /** Walleo's Id */
  readonly identifier: string | null
}

/** Makes a credential for one protocol; live and test keys tell themselves apart. */
export async function createCredential(
  deps: Deps,
  partner: Partner,
  protocol: CredentialProtocol,
  addresses: readonly string[] = [],
): Promise<NewCredential> {
  const id = uuidV7(deps.clock())
  const apiKey = `${partner.live ? 'live' : 'test'}_${protocol}_${randomBytes(24).toString('base64url')}`
  const secret = randomBytes(32).toString('hex')
  const identifier = protocol === 'walleo' ? randomUUID() : null
  await insertCredential(deps.db, {
    id,
    partnerId: partner.id,
    protocol,
    keyHash: hashSecret(apiKey),
    identifier,
    secret: deps.keyring.seal(secret, `partner_credential:${id}`),
    addresses,
  })
  return { id, apiKey, secret, identifier }
}

export async function requirePartner(deps: Pick<Deps, 'db'>, slug: string): Promise<Partner> {
  const partner = await findPartner(deps.db, { slug })
  if (!partner) throw new OperationRefusal('not_found', 'partner', 'there is no such partner')
  return partner
}
