import { html } from 'hono/html'
import { LOCALES } from '../domain/format.ts'
import type { Markup } from './layout.ts'
import type { Language } from './messages.ts'

export { formatMoney } from '../domain/format.ts'

/** A moment in UTC to the minute, as text. */
export function timeText(date: Date, language: Language): string {
  return new Intl.DateTimeFormat(LOCALES[language], {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: 'UTC',
  }).format(date)
}

/** A moment in UTC to the minute, which programs can read too. */
export function formatTime(date: Date, language: Language): Markup {
  return html`<time datetime="${date.toISOString()}">${timeText(date, language)} UTC</time>`
}
