import type { GiftDeps } from '../operations/gift-cards/gift-deps.ts'
import {
  confirmLeftOver,
  decideLeftOver,
  expireReservations,
  sweepSessions,
} from '../operations/jackpot/expire-reservations.ts'
import type { Job } from './worker.ts'

const SECOND = 1000

/** What is left over of vouchers once their callers have been answered. */
export const jackpotJobs = (gift: GiftDeps): Job[] => [
  { name: 'expire-reservations', interval: 10 * SECOND, run: (signal) => expireReservations(gift, signal) },
  { name: 'confirm-vouchers', interval: 10 * SECOND, run: (signal) => confirmLeftOver(gift, signal) },
  { name: 'decide-refunds', interval: 10 * SECOND, run: (signal) => decideLeftOver(gift, signal) },
  { name: 'sweep-jackpot-sessions', interval: 300 * SECOND, run: () => sweepSessions(gift) },
]
