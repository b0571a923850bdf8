import { html } from 'hono/html'
import { LOCALES } from '../../../domain/format.ts'
import { formatAmount } from '../../../domain/money.ts'
import { type Period, periodAt, type StatementLineName } from '../../../domain/statement.ts'
import type { PeriodBounds, Statement } from '../../../operations/statements/draw-statement.ts'
import type { StatementAccount } from '../../../storage/statement-accounts.ts'
import { type Column, table } from '../../components.ts'
import { formatMoney } from '../../format.ts'
import type { Markup } from '../../layout.ts'
import type { Language } from '../../messages.ts'
import { statementPath } from './find.ts'
import { statementText as text } from './words.ts'

/** A period as people write it. */
export function periodText({ from, unit }: Period, language: Language): string {
  const form = unit === 'month' ? ({ month: 'long', year: 'numeric' } as const) : ({ dateStyle: 'long' } as const)
  const words = new Intl.DateTimeFormat(LOCALES[language], { ...form, timeZone: 'UTC' }).format(from)
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** What an account is, in a few words. */
export const roleText = ({ role, name }: StatementAccount, language: Language): string =>
  name === null ? text(language, `role-${role}`) : `${text(language, `role-${role}`)}: ${name}`

/** What a line is called on this account: what a brand sells, a partner buys. */
export function lineText(account: StatementAccount, name: StatementLineName, language: Language): string {
  const bought = account.role === 'float' && (name === 'sales' || name === 'credits')
  return text(language, bought ? `float-${name}` : `line-${name}`)
}

/** The sums between opening and closing balance; the unit stands at the head of their column. */
export function statementTable(account: StatementAccount, statement: Statement, language: Language): Markup {
  const { code, exponent } = account.asset
  const figures = new Intl.NumberFormat(LOCALES[language], {
    minimumFractionDigits: exponent,
    maximumFractionDigits: exponent,
  })
  const money = (amount: bigint) => figures.format(formatAmount(amount, exponent) as Intl.StringNumericLiteral)
  const lines = statement.lines.filter(({ count }) => count > 0n)
  const row = (
    label: string,
    amount: bigint,
    count: bigint | null,
  ) => html`<tr role="row"><th scope="row" role="rowheader">${label}</th>
<td role="cell" class="numeric">${count === null ? '' : count.toLocaleString(LOCALES[language])}</td><td role="cell" class="numeric">${money(amount)}</td></tr>`
  const count = lines.reduce((sum, line) => sum + line.count, 0n)
  // Not the rows that turn into cards: three short columns fit everywhere, and a sum is read downwards.
  return html`<table class="statement" role="table"><caption class="heard">${text(language, 'statement-of', {
    period: periodText(statement.period, language),
  })}</caption>
<thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">${text(language, 'line')}</th><th scope="col" role="columnheader" class="numeric">${text(
    language,
    'movements',
  )}</th><th scope="col" role="columnheader" class="numeric">${text(language, 'amount')}, ${code}</th></tr></thead>
<tbody role="rowgroup">${row(text(language, 'opening'), statement.opening, null)}${lines.map((line) =>
    row(lineText(account, line.name, language), line.amount, line.count),
  )}</tbody><tfoot role="rowgroup">${row(
    text(language, statement.final ? 'closing' : 'so-far'),
    statement.closing,
    count,
  )}</tfoot></table>`
}

/** Periods of one account, a line each. */
export function periodTable(account: StatementAccount, bounds: readonly PeriodBounds[], language: Language): Markup {
  const money = (amount: bigint) => formatMoney(amount, account.asset, language)
  const unit = bounds[0]?.period.unit ?? 'month'
  const columns: Column<PeriodBounds>[] = [
    {
      label: text(language, unit),
      cell: ({ period }) =>
        html`<a href="/console${statementPath(account, period)}">${periodText(period, language)}</a>`,
    },
    { label: text(language, 'opening'), numeric: true, cell: ({ opening }) => money(opening) },
    { label: text(language, 'change'), numeric: true, cell: ({ opening, closing }) => money(closing - opening) },
    { label: text(language, 'closing'), numeric: true, cell: ({ closing }) => money(closing) },
    {
      label: text(language, 'movements'),
      numeric: true,
      cell: ({ range }) => (range.last - range.first + 1n).toLocaleString(LOCALES[language]),
    },
  ]
  return table(text(language, unit === 'month' ? 'title' : 'days'), columns, bounds)
}

export const thisMonth = (now: number): Period => periodAt(new Date(now), 'month')
