import { html } from 'hono/html'
import type { PersonRow } from '../../../operations/people/export-person.ts'
import type { AskedErasure } from '../../../operations/people/request-erasure.ts'
import {
  button,
  buttonRow,
  checkbox,
  definitionList,
  linkButton,
  notice,
  pageHeading,
  section,
} from '../../components.ts'
import type { PageContext } from '../../env.ts'
import { formatTime } from '../../format.ts'
import { csrfField } from '../../forms.ts'
import type { Markup } from '../../layout.ts'
import type { Language } from '../../messages.ts'
import { dataText as text } from './messages.ts'
import { partName, valueName } from './names.ts'

export type WantedMail = 'money' | 'invoices' | 'alerts'

export type DataPage = {
  /** those that there are for this person */
  offered: readonly WantedMail[]
  wanted: readonly string[]
  mail: boolean
  done: boolean
}

export function dataView(c: PageContext, { offered, wanted, mail, done }: DataPage): Markup {
  const language = c.get('language')
  const boxes = offered.map((name) =>
    checkbox({ name, label: text(language, `mail-${name}`), checked: wanted.includes(name) }),
  )
  const mails =
    offered.length === 0 || !mail
      ? html`<p>${text(language, 'mails-none')}</p>`
      : html`<form class="sheet" method="post" action="/account/data/mails">${csrfField(c)}
<p class="sub">${text(language, 'mails-always')}</p>${boxes}
${buttonRow(button({ label: text(language, 'mails-save') }))}</form>`
  const hand = buttonRow(
    linkButton('/account/data/everything', text(language, 'export-read')),
    linkButton('/account/data/everything.json', text(language, 'export-file')),
  )
  const erase = mail
    ? buttonRow(linkButton('/account/data/erasure', text(language, 'erase-open')))
    : html`<p>${text(language, 'erase-no-mail')}</p>`
  return html`${pageHeading(text(language, 'title'), { sub: text(language, 'sub') })}
${done ? notice('good', text(language, 'done-mails')) : ''}
${section('mails', text(language, 'mails'), mails, { sub: text(language, 'mails-sub') })}
${section('export', text(language, 'export'), hand, { sub: text(language, 'export-sub') })}
${section('erase', text(language, 'erase'), erase, { sub: text(language, 'erase-sub') })}
<div class="part">${buttonRow(linkButton('/account', text(language, 'back')))}</div>`
}

/** Rows of one part that the page shows; the file has all. */
export const MOST_SHOWN = 100

export function everythingView(c: PageContext, parts: ReadonlyMap<string, readonly PersonRow[]>): Markup {
  const language = c.get('language')
  const none = [...parts].filter(([, rows]) => rows.length === 0).map(([name]) => partName(language, name))
  const known = [...parts].filter(([, rows]) => rows.length > 0)
  const sections = known.map(([name, rows]) => section(`part-${name}`, partName(language, name), part(rows, language)))
  const file = linkButton('/account/data/everything.json', text(language, 'export-file'))
  return html`${pageHeading(text(language, 'everything'), { sub: text(language, 'everything-sub'), actions: buttonRow(file) })}
${sections}
${none.length === 0 ? '' : section('nothing', text(language, 'nothing'), html`<p>${none.join(', ')}</p>`)}
<div class="part">${buttonRow(linkButton('/account/data', text(language, 'back')))}</div>`
}

function part(rows: readonly PersonRow[], language: Language): Markup {
  const shown = rows.slice(0, MOST_SHOWN).map((row) => definitionList(factsOf(row, language)))
  const more = rows.length > MOST_SHOWN ? html`<p class="sub">${text(language, 'more', { count: MOST_SHOWN })}</p>` : ''
  return html`${shown}${more}`
}

const factsOf = (row: PersonRow, language: Language) =>
  Object.entries(row)
    .filter(([, value]) => value !== null && value !== '' && value !== undefined)
    .map(([name, value]) => [partName(language, name), shownValue(value, language)] as const)

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

function shownValue(value: unknown, language: Language): Markup | string {
  if (typeof value === 'boolean') return text(language, value ? 'yes' : 'no')
  if (typeof value === 'string')
    return MOMENT.test(value) ? formatTime(new Date(value), language) : valueName(language, value)
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value.join(', ') || '–'
  return html`<code>${JSON.stringify(value)}</code>`
}

/** What comes of it, before the button that does it. */
export function confirmView(c: PageContext, { subject, ties }: AskedErasure): Markup {
  const language = c.get('language')
  const effects = [
    text(language, 'effect-sign-in', { email: subject.emails.join(', ') }),
    ...(subject.whole
      ? [text(language, 'effect-wallets'), text(language, 'effect-applications'), text(language, 'effect-books')]
      : []),
    text(language, 'effect-final'),
  ]
  const heading = pageHeading(text(language, 'erase-confirm'), { sub: text(language, 'erase-confirm-sub') })
  const keep = linkButton('/account', text(language, 'erase-keep'))
  if (ties.length > 0)
    return html`<div class="narrow">${heading}${notice('bad', text(language, 'ties'))}
<ul>${ties.map((tie) => html`<li>${text(language, `tie-${tie}`)}</li>`)}</ul>${buttonRow(keep)}</div>`
  return html`<div class="narrow">${heading}<ul>${effects.map((effect) => html`<li>${effect}</li>`)}</ul>
<form class="sheet" method="post" action="${c.req.path}">${csrfField(c)}${buttonRow(
    button({ label: text(language, 'erase-now'), kind: 'danger' }),
    keep,
  )}</form></div>`
}
