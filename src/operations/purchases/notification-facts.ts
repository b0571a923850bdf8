// What notifications say, before they are signed: the `body` of a delivery. Pledg's vector P2 and its hash P1 have these members.

/** What tells the three forms of a notification apart. */
export type NotificationTopic = 'transfer' | 'error' | 'back'

/** A merchant's money is on its way: it is what confirms an order. */
export type TransferFacts = {
  reference: string
  /** UTC, `yyyy-mm-dd hh:mm:ss.uuuuuu` */
  created: string
  transfer_order_item_uid: string
  merchant_uid: string
  purchase_uid: string
  amount_cents: number
}

export type ErrorFacts = { reference: string; purchase_state: string; purchase_uid: string }

export type BackFacts = {
  /** ISO 8601, UTC */
  created_at: string
  /** the purchase's uid */
  id: string
  status: string
  sandbox: boolean
  error: string | null
  reference: string
  additional_data?: object
  metadata?: object
}

type About = { reference: string; uid: string; merchantUid: string }

/** @param transfer id of the transfer, by which receivers tell a repeat. @param at ms since the epoch */
export const transferFacts = (purchase: About, transfer: string, amount: bigint, at: number): TransferFacts => ({
  reference: purchase.reference,
  created: new Date(at).toISOString().replace('T', ' ').replace('Z', '000'),
  transfer_order_item_uid: `tri_${transfer}`,
  merchant_uid: purchase.merchantUid,
  purchase_uid: purchase.uid,
  amount_cents: Number(amount),
})

/** @param state how it ended, e.g. `SCORING_KO` or `ABANDONED` */
export const errorFacts = (purchase: Omit<About, 'merchantUid'>, state: string): ErrorFacts => ({
  reference: purchase.reference,
  purchase_state: state,
  purchase_uid: purchase.uid,
})

/** @param status e.g. `completed`, `failed`, `refunded`. @param at ms since the epoch */
export const backFacts = (
  purchase: Omit<About, 'merchantUid'>,
  status: string,
  { at, sandbox, error = null, metadata }: { at: number; sandbox: boolean; error?: string | null; metadata?: object },
): BackFacts => ({
  created_at: new Date(at).toISOString(),
  id: purchase.uid,
  status,
  sandbox,
  error,
  reference: purchase.reference,
  ...(metadata && { metadata }),
})
