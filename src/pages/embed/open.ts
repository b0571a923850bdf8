import { hashSecret } from '../../credentials/secrets.ts'
import { findJackpotSession } from '../../storage/jackpot-sessions.ts'
import { findVoucher } from '../../storage/vouchers.ts'
import { readFields } from '../forms.ts'
import { isLanguage } from '../messages.ts'
import { PageProblem } from '../problem.ts'
import type { PageContext } from '../session.ts'
import type { EmbedDeps } from './deps.ts'
import { isFramer } from './framers.ts'
import { sealPageKey } from './page-key.ts'
import { admitPartner, voucherPath } from './reader.ts'

/**
 * `POST /embed/jackpot`, from the page of a partner into its frame: the session's token becomes a key of this page in its path. Needs
 * no proof against forged forms: whoever sends it brings the session itself, and nothing of the browser's is used.
 */
export async function openPage(deps: EmbedDeps, c: PageContext): Promise<Response> {
  const fields = await readFields(c)
  const token = fields.get('session') ?? ''
  const tokenHash = hashSecret(token)
  const session = await findJackpotSession(deps.db, tokenHash, new Date(deps.clock()))
  // A session of the partner's own machine is nobody's to look at.
  if (!session || session.amount === null) throw new PageProblem('link-dead')
  const framers = await admitPartner(deps, c, session.partner.id)
  const { sender, host } = hostOf(c, fields.get('host'))
  if (sender !== null && !isFramer(sender, framers)) throw new PageProblem('forbidden')
  const asked = fields.get('lang')
  const key = {
    session: tokenHash.toString('hex'),
    partner: session.partner.id,
    host: host !== null && isFramer(host, framers) ? host : null,
    language: isLanguage(asked) ? asked : c.get('language'),
  }
  const voucher = session.voucherId === null ? undefined : await findVoucher(deps.db, { id: session.voucherId })
  const path = voucher
    ? voucherPath(deps, key, voucher)
    : `/embed/jackpot/${sealPageKey(deps.keyring, { ...key, voucher: null, expiresAt: session.expiresAt.getTime() })}`
  return c.redirect(path, 303)
}

/** The page around the frame: as the browser says, or, where it keeps that to itself, as the page says. */
function hostOf(c: PageContext, said: string | undefined): { sender: string | null; host: string | null } {
  const origin = c.req.header('origin')
  if (origin !== undefined && origin !== 'null') return { sender: origin, host: origin }
  return { sender: null, host: said ?? null }
}
