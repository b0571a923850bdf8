import { brandTexts } from '../domain/brand-texts.ts'
import { formatDay, formatMoney } from '../domain/format.ts'
import type { Language } from '../domain/language.ts'
import { type MailValues, mailText } from './templates.ts'

/** A gift card that is sent, in the words of whoever sends it. */
export type GiftCardLetter = {
  readonly subject: string
  /** the recipient's; empty where it is not known */
  readonly name: string
  readonly sender: string
  /** to the recipient, perhaps in several lines; empty: none */
  readonly message: string
  /** how the sender says it is spent, before what the brand says; empty: nothing */
  readonly use: string
  readonly brand: string
  readonly texts: Readonly<Record<string, unknown>>
  /** minor units */
  readonly value: bigint
  readonly asset: { code: string; exponent: number }
  readonly expiresAt: Date | null
  /** of the card's page; the mail holds neither code nor PIN */
  readonly link: string
}

/** The values of the mail's template. */
export function giftCardMail(letter: GiftCardLetter, language: Language): MailValues['gift-card'] {
  const { subject, name, sender, brand, link, value, asset, expiresAt, message } = letter
  const said = brandTexts(letter.texts, language)
  const use = [letter.use, said.use].filter((text) => text !== '').join('\n')
  return {
    subject,
    name,
    sender,
    brand,
    amount: formatMoney(value, asset, language),
    link,
    quote: message,
    small: [
      expiresAt ? mailText(language, 'gift-card-until', { day: formatDay(expiresAt, language) }) : '',
      use && `${mailText(language, 'gift-card-use')}\n${use}`,
      said.terms && `${mailText(language, 'gift-card-terms')}\n${said.terms}`,
    ].filter((text) => text !== ''),
  }
}
