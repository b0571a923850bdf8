import { randomBytes } from 'node:crypto'
import { hashSecret } from '../credentials/secrets.ts'
import type { Deps } from '../deps.ts'
import { uuidV7 } from '../domain/uuid.ts'
import { listBrandSlugs } from '../storage/brands.ts'
import {
  findCredential,
  findPartnerListing,
  listFloats,
  type Partner,
  revokeCredentialsOf,
} from '../storage/partners.ts'
import { findWallet } from '../storage/wallets.ts'
import { createBrand } from './gift-cards/create-brand.ts'
import { createCredential, createPartner, type NewCredential, prepareFloat } from './gift-cards/create-partner.ts'
import { topUpStock } from './gift-cards/top-up-stock.ts'
import { openWallet } from './open-wallet.ts'
import { BRANDS, FLOATS, PARTNER } from './sandbox-brands.ts'
import { submitForWallet } from './submit-for-wallet.ts'

/** What the sandbox's partner proves itself with, as `sandbox.json` has it. */
export type SandboxPartner = {
  walleo: { api_key: string; identifier: string; shared_key: string }
  tillo: { api_key: string; secret: string }
}

type GiftSandboxDeps = Pick<Deps, 'db' | 'ledger' | 'keyring' | 'clock' | 'gift'>

/** Makes what the sandbox lacks of gift cards: the partner with its credentials and floats, the brands with their codes. */
export async function fillGiftCards(
  deps: GiftSandboxDeps,
  parties: { partner: string; brands: string; gateway: string },
  known: Partial<SandboxPartner> | null,
): Promise<SandboxPartner> {
  const existing = await findPartnerListing(deps.db, PARTNER.slug)
  // One that an operator has disabled stays so, with what it has.
  if (existing?.disabledAt && known?.walleo && known.tillo) return { walleo: known.walleo, tillo: known.tillo }
  const partner = existing ?? (await createPartner(deps, { partyId: parties.partner, slug: PARTNER.slug }))
  // Side by side, so that what they open shares the ledger's commits.
  const [walleo, tillo] = await Promise.all([
    ensureWalleo(deps, partner, known?.walleo),
    ensureTillo(deps, partner, known?.tillo),
    ensureFloats(deps, partner, parties.gateway),
    ensureBrands(deps, parties.brands),
  ])
  return { walleo, tillo }
}

/** The credential that the file knows of, unless it opens nothing any more; else a new one, and the old ones end. */
async function ensureCredential(
  deps: GiftSandboxDeps,
  partner: Partner,
  protocol: 'walleo' | 'tillo',
  known: string | undefined,
): Promise<NewCredential | null> {
  if (known !== undefined && (await findCredential(deps.db, protocol, hashSecret(known)))) return null
  await revokeCredentialsOf(deps.db, partner.id, protocol)
  return createCredential(deps, partner, protocol)
}

async function ensureWalleo(
  deps: GiftSandboxDeps,
  partner: Partner,
  known: SandboxPartner['walleo'] | undefined,
): Promise<SandboxPartner['walleo']> {
  const made = await ensureCredential(deps, partner, 'walleo', known?.api_key)
  if (!made) return known as SandboxPartner['walleo']
  return { api_key: made.apiKey, identifier: made.identifier as string, shared_key: made.secret }
}

async function ensureTillo(
  deps: GiftSandboxDeps,
  partner: Partner,
  known: SandboxPartner['tillo'] | undefined,
): Promise<SandboxPartner['tillo']> {
  const made = await ensureCredential(deps, partner, 'tillo', known?.api_key)
  return made ? { api_key: made.apiKey, secret: made.secret } : (known as SandboxPartner['tillo'])
}

/** A float is opened and filled in one transaction: it is never found open and empty. */
async function ensureFloats(deps: GiftSandboxDeps, partner: Partner, gateway: string): Promise<void> {
  const there = new Set((await listFloats(deps.db, partner.id)).map(({ currency }) => currency))
  const missing = FLOATS.currencies.filter((currency) => !there.has(currency))
  await Promise.all(
    missing.map(async (currency) => {
      const id = `bank:partners:${currency}`
      const bank =
        (await findWallet(deps.db, id)) ??
        (await openWallet(deps, 'sandbox', { id, partyId: gateway, lower: null, upper: 0 }))
      const { wallet, leg, effect } = await prepareFloat(deps, partner, { currency })
      await submitForWallet(deps.ledger, {
        principal: 'sandbox',
        transaction: uuidV7(deps.clock()),
        kind: 'float-opening',
        payload: JSON.stringify({ wallet: wallet.explicitId }),
        legs: [leg, { type: 'transfer', source: bank.id, target: wallet.id, amount: FLOATS.amount }],
        effects: effect,
      })
    }),
  )
}

async function ensureBrands(deps: GiftSandboxDeps, partyId: string): Promise<void> {
  const there = new Set(
    await listBrandSlugs(
      deps.db,
      BRANDS.map(({ slug }) => slug),
    ),
  )
  const missing = BRANDS.filter(({ slug }) => !there.has(slug))
  await Promise.all(missing.map(({ stock, ...brand }) => createBrand(deps, 'sandbox', { ...brand, partyId })))
  await Promise.all(
    BRANDS.map(async ({ slug, stock }) => {
      if (stock)
        await topUpStock(deps.gift, { slug, ...stock, code: () => randomBytes(8).toString('hex').toUpperCase() })
    }),
  )
}
