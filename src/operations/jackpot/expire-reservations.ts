import { inRounds } from '../../storage/in-rounds.ts'
import { deleteOldSessions } from '../../storage/jackpot-sessions.ts'
import {
  findVoucher,
  listExpiredVouchers,
  listRefundsToDecide,
  listUnconfirmedVouchers,
} from '../../storage/vouchers.ts'
import type { GiftDeps } from '../gift-cards/gift-deps.ts'
import { releaseReservation } from './cancel-voucher.ts'
import { confirmVoucher } from './confirm-voucher.ts'
import { decideRefund } from './refund-voucher.ts'
import { EXPIRED } from './voucher-sequel.ts'

const BATCH = 200

/** Cancels the reservations that nobody confirmed in time. @returns how many */
export async function expireReservations(deps: GiftDeps, signal?: AbortSignal): Promise<number> {
  let ended = 0
  for (let after: { at: Date; id: string } | null = null; ; ) {
    const rows: { id: string; expires_at: Date }[] = await listExpiredVouchers(deps.db, {
      now: new Date(deps.clock()),
      after,
      limit: BATCH,
    })
    // Side by side, so that they share the ledger's commits.
    const done = await Promise.all(rows.map((row) => releaseReservation(deps, row, EXPIRED)))
    ended += done.filter((it) => it).length
    const last = rows.at(-1)
    if (!last || rows.length < BATCH || signal?.aborted) return ended
    after = { at: last.expires_at, id: last.id }
  }
}

/** Long enough for whoever reserved to confirm it himself. */
const LEFT_OVER = 15_000

/** Confirms what was to be confirmed with its reservation, and was not: its process ended, or no code was left. */
export async function confirmLeftOver(deps: GiftDeps, signal?: AbortSignal): Promise<void> {
  const before = new Date(deps.clock() - LEFT_OVER)
  for (let after: { at: Date; id: string } | null = null; ; ) {
    const rows: { id: string; expires_at: Date }[] = await listUnconfirmedVouchers(deps.db, {
      before,
      after,
      limit: BATCH,
    })
    for (const { id } of rows) {
      if (signal?.aborted) return
      const voucher = await findVoucher(deps.db, { id })
      if (voucher) await confirmVoucher(deps, { voucherId: id, partner: { id: voucher.partner_id } })
    }
    const last = rows.at(-1)
    if (!last || rows.length < BATCH) return
    after = { at: last.expires_at, id: last.id }
  }
}

/** Decides the refunds that were asked for before the card was there, or whose process ended. */
export async function decideLeftOver(deps: GiftDeps, signal?: AbortSignal): Promise<void> {
  for (let after: string | null = null; !signal?.aborted; ) {
    const ids: string[] = await listRefundsToDecide(deps.db, after, BATCH)
    for (const id of ids) await decideRefund(deps, id)
    if (ids.length < BATCH) return
    after = ids.at(-1) as string
  }
}

/** An hour after its end a session is not even good for looking at its voucher. */
const KEPT = 3_600_000

export const sweepSessions = (deps: Pick<GiftDeps, 'db' | 'clock'>): Promise<number> =>
  inRounds((limit) => deleteOldSessions(deps.db, new Date(deps.clock() - KEPT), limit))
