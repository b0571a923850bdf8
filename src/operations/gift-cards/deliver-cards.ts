import { isLanguage, type Language } from '../../domain/language.ts'
import { giftCardMail } from '../../mail/gift-card.ts'
import type { Mailer } from '../../mail/mailer.ts'
import { linkContext } from '../../storage/card-links.ts'
import { type DueCardMail, insertDelivery, listDueCardMails, takeCardMail } from '../../storage/card-mails.ts'
import type { GiftDeps } from './gift-deps.ts'

export type DeliverDeps = Pick<GiftDeps, 'db' | 'keyring' | 'clock'> & {
  mailer: Mailer
  log: { error(fields: object, message: string): void }
}

const BATCH = 50

/**
 * Writes the mails of cards that are delivered by mail: each with its `delivered` event in one transaction, so that of many
 * workers one does, and one that dies there has done nothing. One that cannot be written does not stop the others.
 * @returns how many were written
 */
export async function deliverCards(deps: DeliverDeps, signal?: AbortSignal): Promise<number> {
  let delivered = 0
  let after: string | undefined
  for (;;) {
    const due = await listDueCardMails(deps.db, { after, limit: BATCH })
    for (const mail of due) {
      if (signal?.aborted) return delivered
      try {
        if (await deliver(deps, mail)) delivered++
      } catch (err) {
        deps.log.error({ err, order: mail.order_id }, 'the mail of a gift card could not be written')
      }
    }
    if (due.length < BATCH) return delivered
    after = due.at(-1)?.order_id
  }
}

function deliver({ db, keyring, clock, mailer }: DeliverDeps, due: DueCardMail): Promise<boolean> {
  const { order_id: orderId, card_id: cardId } = due
  const details = due.details && (JSON.parse(keyring.open(due.details, `order:${orderId}:details`)) as Details)
  const to = details?.fulfilment_parameters?.to_email
  // A card that has ended is worth nothing, and one that somebody keeps has another link.
  const useless = to === undefined || due.status === 'ended' || due.link_version > 0
  return db.transaction(async (sql) => {
    if (!(await takeCardMail(sql, orderId)) || useless) return false
    if (!(await insertDelivery(sql, orderId, new Date(clock())))) return false
    const language = languageOf(details)
    const link = mailer.url(`/cards/${keyring.open(due.link, linkContext(cardId, 0))}`)
    const values = giftCardMail({ ...lettersOf(details), ...factsOf(due), link }, language)
    await mailer.write(sql, { to, language, template: 'gift-card', values, expiresAt: null })
    return true
  })
}

/** What the order keeps, in the words of its protocol; only what a mail is made of. */
type Details = {
  readonly fulfilment_parameters?: {
    readonly to_email?: string
    readonly from_name?: string
    readonly subject?: string
    readonly to_name?: string
    readonly to_first_name?: string
    readonly to_last_name?: string
    readonly language?: string
  }
  readonly personalisation?: {
    readonly message?: string
    readonly email_message?: string
    readonly redemption_message?: string
    readonly to_name?: string
    readonly from_name?: string
    readonly language?: string
  }
}

/** A tag such as `fr-CA` or `fr_CA` is as good as the language. */
function languageOf(details: Details | null): Language {
  const tag = details?.personalisation?.language ?? details?.fulfilment_parameters?.language ?? ''
  const language = tag.toLowerCase().split(/[-_]/, 1)[0]
  return isLanguage(language) ? language : 'en'
}

function lettersOf(details: Details | null) {
  const { fulfilment_parameters: by = {}, personalisation: words = {} } = details ?? {}
  const fullName = [by.to_first_name, by.to_last_name].filter(Boolean).join(' ')
  return {
    subject: by.subject ?? '',
    name: words.to_name ?? by.to_name ?? fullName,
    sender: words.from_name ?? by.from_name ?? '',
    message: words.email_message ?? words.message ?? '',
    use: words.redemption_message ?? '',
  }
}

const factsOf = ({ face, currency, exponent, brand_name: brand, texts, expires_at: expiresAt }: DueCardMail) => ({
  brand,
  texts,
  value: face,
  asset: { code: currency, exponent },
  expiresAt,
})
