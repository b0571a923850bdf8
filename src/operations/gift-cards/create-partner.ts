import { randomBytes, randomUUID } from 'node:crypto'
import type { Keyring } from '../../credentials/keyring.ts'
import { hashSecret } from '../../credentials/secrets.ts'
import type { Leg } from '../../domain/posting.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import type { Command, Ledger } from '../../ledger/command.ts'
import type { Database, Sql } from '../../storage/database.ts'
import {
  type CredentialProtocol,
  findPartner,
  floatOpened,
  insertCredential,
  insertPartner,
  type Partner,
} from '../../storage/partners.ts'
import { OperationRefusal } from '../input.ts'
import type { LimitsInput } from '../limits.ts'
import { DEFAULT_CIRCLE, type OpenedWallet, prepareWallet } from '../open-wallet.ts'
import { requireParty } from '../require-party.ts'
import { submitForWallet } from '../submit-for-wallet.ts'

type Deps = { db: Database; ledger: Ledger; keyring: Keyring; clock: () => number }

/** Lets a business call the partner protocols; it has no float and no credential yet. */
export async function createPartner(
  deps: { db: Sql; clock: () => number },
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

/**
 * Opens the wallet that a partner pays from in one currency. Without limits it holds anything from zero up.
 * @param also what else is written in the transaction of the opening
 */
export async function openFloat(
  deps: Deps,
  actor: string,
  partner: Partner,
  input: LimitsInput & { currency: string; circle?: string },
  also: (wallet: OpenedWallet) => NonNullable<Command['effects']> = () => [],
): Promise<OpenedWallet> {
  const { wallet, leg, effect } = await prepareFloat(deps, partner, input)
  await submitForWallet(deps.ledger, {
    principal: actor,
    transaction: uuidV7(deps.clock()),
    kind: 'float-opening',
    payload: JSON.stringify({ wallet: wallet.explicitId }),
    legs: [leg],
    effects: [...effect, ...also(wallet)],
  })
  return wallet
}

/** The float, ready to be opened by a command. */
export async function prepareFloat(
  deps: Pick<Deps, 'db' | 'clock'>,
  partner: Partner,
  { currency, circle, ...limits }: LimitsInput & { currency: string; circle?: string },
): Promise<{ wallet: OpenedWallet; leg: Leg; effect: NonNullable<Command['effects']> }> {
  // A currency may have a float in each circle.
  const number = circle === undefined || circle === DEFAULT_CIRCLE ? partner.slug : `${partner.slug}.${circle}`
  const { wallet, leg, effect } = await prepareWallet(deps, {
    ...limits,
    ...(circle !== undefined && { circle }),
    id: `float:${number}:${currency}`,
    partyId: partner.partyId,
    kept: true,
  })
  const row = [partner.id, String(wallet.asset.id), String(wallet.id)]
  return { wallet, leg, effect: [effect, { effect: floatOpened, row }] }
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
  deps: { db: Sql; keyring: Keyring; clock: () => number },
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

export async function requirePartner(deps: { db: Sql }, slug: string): Promise<Partner> {
  const partner = await findPartner(deps.db, { slug })
  if (!partner) throw new OperationRefusal('not_found', 'partner', 'there is no such partner')
  return partner
}
