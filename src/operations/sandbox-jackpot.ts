import { hashSecret, secretMatches } from '../credentials/secrets.ts'
import type { Deps } from '../deps.ts'
import type { OfferFunder, OfferKind, OfferRounding } from '../domain/offer.ts'
import { findBrand } from '../storage/brands.ts'
import { findJackpotAccount } from '../storage/jackpot-accounts.ts'
import { findCredential, findPartnerListing, revokeCredentialsOf } from '../storage/partners.ts'
import { listOffers } from '../storage/voucher-offers.ts'
import { createCredential } from './gift-cards/create-partner.ts'
import { createJackpotAccount, rotateClientSecretOf } from './jackpot/jackpot-account.ts'
import { createOffer } from './jackpot/offers.ts'
import { PARTNER } from './sandbox-brands.ts'

/** What the sandbox's partner opens sessions with, as `sandbox.json` has it. */
export type SandboxJackpot = {
  jackpot: { api_key: string; api_signature: string; client_secret: string; allowed_domains: string[] }
}

/** Where the page of a session may be framed: on this machine, under any port. */
export const ALLOWED_DOMAINS = ['localhost:*', '127.0.0.1:*', 'partner.example:*']

type Terms = { kind: OfferKind; rate: string; rounding?: OfferRounding; funder?: OfferFunder }

/** On which terms the sandbox's stores sell; each of its own kind. */
export const OFFERS: Readonly<Record<string, Terms>> = {
  'maison-verte': { kind: 'bonus', rate: '10' },
  'cafe-du-port': { kind: 'discount', rate: '8', rounding: 'whole', funder: 'operator' },
  'librairie-rio': { kind: 'discount', rate: '0' },
}

type JackpotSandboxDeps = Pick<Deps, 'db' | 'keyring' | 'clock' | 'config'>

/** Makes what the sandbox lacks of Jackpot: offers of its stores, and the partner's account. Comes after brands and floats. */
export async function fillJackpot(
  deps: JackpotSandboxDeps,
  known: Partial<SandboxJackpot> | null,
): Promise<SandboxJackpot> {
  for (const [slug, terms] of Object.entries(OFFERS)) {
    const brand = await findBrand(deps.db, { slug })
    // One that an operator has ended stays so.
    if (brand && (await listOffers(deps.db, brand.id)).length === 0)
      await deps.db.transaction((db) => createOffer({ ...deps, db }, { brand: slug, ...terms }))
  }
  return { jackpot: await ensureAccount(deps, known?.jackpot) }
}

async function ensureAccount(
  deps: JackpotSandboxDeps,
  known: SandboxJackpot['jackpot'] | undefined,
): Promise<SandboxJackpot['jackpot']> {
  const partner = await findPartnerListing(deps.db, PARTNER.slug)
  if (!partner) throw new Error('the sandbox has no partner')
  if (known && partner.disabledAt) return known
  const account = await findJackpotAccount(deps.db, partner.id)
  if (!account) {
    const input = { partner: partner.slug, currency: 'EUR', allowedDomains: ALLOWED_DOMAINS }
    const made = await deps.db.transaction((db) => createJackpotAccount({ ...deps, db }, input))
    return {
      api_key: made.apiKey,
      api_signature: made.apiSignature,
      client_secret: made.clientSecret,
      allowed_domains: ALLOWED_DOMAINS,
    }
  }
  const allowed_domains = [...account.allowedDomains]
  const kept =
    known &&
    (await findCredential(deps.db, 'jackpot', hashSecret(known.api_key))) &&
    secretMatches(known.client_secret, account.clientSecretHash)
  if (kept) return { ...known, allowed_domains }
  // What nobody knows any more opens nothing.
  await revokeCredentialsOf(deps.db, partner.id, 'jackpot')
  const { apiKey, secret } = await createCredential(deps, partner, 'jackpot')
  const { clientSecret } = await rotateClientSecretOf(deps, partner.slug)
  return { api_key: apiKey, api_signature: secret, client_secret: clientSecret, allowed_domains }
}
