/** Every event that endpoints may ask for, and what it says. A closed list: the documentation has the same. */
export const EVENT_TYPES = {
  'wallet.opened': 'a wallet was opened',
  'wallet.credited': 'money came in; `kind` says how',
  'wallet.debited': 'money went out; `kind` says how',
  'wallet.changed': 'limits or status changed',
  'invoice.created': 'an invoice was made out',
  'invoice.paid': 'it was paid, whole',
  'invoice.declined': 'its debtor declined it',
  'invoice.cancelled': 'its issuer withdrew it',
  'invoice.expired': 'its time ran out',
  'order.created': 'a card was ordered, and comes later',
  'order.succeeded': 'the order has its card',
  'order.failed': 'the order failed, and nothing was paid',
  'order.cancelled': 'the card was handed back, and the price with it',
  'card.issued': 'a card came to be',
  'card.redeemed': 'a merchant took all or part of it',
  'card.refunded': 'a merchant gave something back onto it',
  'card.topped_up': 'a merchant put money onto it',
  'card.blocked': 'it was blocked',
  'card.unblocked': 'it was let go',
  'card.cancelled': 'it was taken back',
  'card.reversed': 'it was taken back, as if never sold',
  'card.expired': 'its time ran out',
  'card.cashed_out': 'its balance was taken back',
  'stock.low': 'fewer codes are left than the brand wants to have',
  'purchase.created': 'a merchant asked to be paid',
  'purchase.authorized': 'a person accepted, and the merchant has yet to capture',
  'purchase.completed': 'the merchant was paid',
  'purchase.cancelled': 'the person declined',
  'purchase.expired': 'its time ran out',
  'purchase.voided': 'the merchant let it go, and nothing was paid',
  'purchase.part_paid': 'a person paid one part of the schedule',
  'purchase.credited': 'the merchant gave something back',
  'alert.raised': 'something needs a look; told to operators only',
  'alert.cleared': 'it is over',
  'webhook.test': 'somebody asked for it; it stands for nothing',
} as const satisfies Record<string, string>

export type EventType = keyof typeof EVENT_TYPES

/** A filter names a type, all of a family (`card.*`), or everything (`*`). */
export const isTopic = (text: string): boolean =>
  text === '*' ||
  Object.hasOwn(EVENT_TYPES, text) ||
  Object.keys(EVENT_TYPES).some((type) => text === `${type.split('.')[0]}.*`)

/** Whether what a filter lets through may concern wallets. */
export const wantsWallets = (topics: readonly string[]): boolean =>
  topics.some((topic) => topic === '*' || topic.startsWith('wallet.'))

export const wants = (topics: readonly string[], type: string): boolean =>
  topics.some((topic) => topic === '*' || topic === type || topic === `${type.split('.')[0]}.*`)
