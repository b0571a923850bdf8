import { hashSecret } from '../../credentials/secrets.ts'
import { findCardByLink } from '../../storage/card-links.ts'
import { findCard } from '../../storage/cards.ts'
import { findJackpotAccount } from '../../storage/jackpot-accounts.ts'
import { findJackpotSession, type JackpotSession } from '../../storage/jackpot-sessions.ts'
import { findVoucher, type VoucherRow } from '../../storage/vouchers.ts'
import { allowFraming } from '../headers.ts'
import { PageProblem } from '../problem.ts'
import type { PageContext } from '../session.ts'
import type { EmbedDeps } from './deps.ts'
import { framersOf } from './framers.ts'
import { openPageKey, type PageKey, sealPageKey } from './page-key.ts'

/** Who looks at a page of a frame. */
export type Reader = {
  key: PageKey
  /** of the path, as it came */
  path: string
  /** null: its time is over */
  session: JackpotSession | null
  voucher: VoucherRow | null
}

/** Lets a partner's domains, and nobody else, frame what is answered. @returns them as sources */
export async function admitPartner(deps: EmbedDeps, c: PageContext, partnerId: string): Promise<string[]> {
  const account = await findJackpotAccount(deps.db, partnerId)
  const framers = framersOf(account?.allowedDomains ?? [], deps.config.mode)
  allowFraming(c, framers)
  return framers
}

/** @throws {PageProblem} for a path that was not made here. One whose time is over comes with neither session nor voucher. */
export async function requireReader(deps: EmbedDeps, c: PageContext): Promise<Reader> {
  const path = c.req.param('key') ?? ''
  const key = openPageKey(deps.keyring, path)
  if (key === null) throw new PageProblem('not-found')
  c.set('language', key.language)
  await admitPartner(deps, c, key.partner)
  const now = deps.clock()
  if (key.expiresAt <= now) return { key, path, session: null, voucher: null }
  if (key.voucher !== null) {
    const voucher = await findVoucher(deps.db, { id: key.voucher })
    return { key, path, session: null, voucher: voucher ?? null }
  }
  const session = await findJackpotSession(deps.db, Buffer.from(key.session, 'hex'), new Date(now))
  const voucher = session?.voucherId ? await findVoucher(deps.db, { id: session.voucherId }) : undefined
  return { key, path, session: session ?? null, voucher: voucher ?? null }
}

const HOUR = 3_600_000

/** Where a voucher's page is: for as long as its reservation may wait, and at least for another hour. */
export function voucherPath(deps: EmbedDeps, key: Omit<PageKey, 'voucher' | 'expiresAt'>, voucher: VoucherRow): string {
  const expiresAt = Math.max(voucher.expires_at.getTime(), deps.clock()) + HOUR
  return `/embed/jackpot/${sealPageKey(deps.keyring, { ...key, voucher: voucher.id, expiresAt })}`
}

/** The secret in the address of a voucher's card; null when there is none, or it goes by another link since somebody keeps it. */
export async function cardLinkOf(deps: EmbedDeps, voucher: VoucherRow): Promise<string | null> {
  const card = voucher.card_id === null ? undefined : await findCard(deps.db, { id: voucher.card_id })
  if (!card) return null
  const link = deps.keyring.open(card.link, `card:${card.id}:link`)
  const linked = await findCardByLink(deps.db, hashSecret(link))
  return linked && linked.version === linked.link_version && linked.wallet_party_id === null ? link : null
}
