import { formatMoney } from '../../domain/format.ts'
import { defineMessages, isLanguage, type Language } from '../../domain/language.ts'
import type { Mailer } from '../../mail/mailer.ts'
import type { Database } from '../../storage/database.ts'
import { openMailCursors, takeWalletNews, type WalletNews } from '../../storage/wallet-news.ts'

const words = defineMessages({
  en: {
    received: '{amount} came into {wallet}',
    invoiced: '{wallet} was sent {count} invoices, {amount} in all',
    'invoiced-one': '{wallet} was sent an invoice of {amount}',
  },
  fr: {
    received: '{amount} sur {wallet}',
    invoiced: '{wallet} a reçu {count} factures, {amount} en tout',
    'invoiced-one': '{wallet} a reçu une facture de {amount}',
  },
})

const MOST = 500
/** An invoice may be committed a little after the moment that it bears; no commit takes this long. ms */
const GRACE = 15_000

/**
 * Mails people who want it what came into their wallets and which invoices they were sent, since the last mail: one mail to each,
 * with its place in the books in one transaction, so that nothing is told twice.
 * @returns how many mails were written
 */
export function mailNews({
  db,
  mailer,
  clock,
}: {
  db: Database
  mailer: Mailer
  clock: () => number
}): Promise<number> {
  return db.transaction(async (sql) => {
    const until = new Date(clock() - GRACE)
    await openMailCursors(sql, until)
    const news = await takeWalletNews(sql, until, MOST)
    let written = 0
    for (const [email, rows] of Map.groupBy(news, (row) => row.email)) {
      const [{ name, language: chosen }] = rows as [WalletNews]
      const language = isLanguage(chosen) ? chosen : 'en'
      const lines = rows.flatMap((row) => linesOf(row, language))
      if (lines.length === 0) continue
      const values = { name, quote: lines.join('\n'), link: mailer.url('/account') }
      await mailer.write(sql, { to: email, language, template: 'wallet-news', values, expiresAt: null })
      written++
    }
    return written
  })
}

function linesOf(row: WalletNews, language: Language): string[] {
  const { wallet, wants, currency: code, exponent, movements, received, invoices, invoiced } = row
  const money = (minor: bigint) => formatMoney(minor, { code, exponent }, language)
  const lines: string[] = []
  if (wants.includes('money') && movements > 0n)
    lines.push(words(language, 'received', { amount: money(received), wallet }))
  if (wants.includes('invoices') && invoices > 0n)
    lines.push(
      words(language, invoices === 1n ? 'invoiced-one' : 'invoiced', {
        wallet,
        count: Number(invoices),
        amount: money(invoiced),
      }),
    )
  return lines
}
