import { html } from 'hono/html'
import { frameText } from './frame-messages.ts'
import type { Markup } from './layout.ts'
import type { Language } from './messages.ts'

// What pages are made of. All of it works without a script, by keyboard and at 360 px.

export type Content = Markup | string

/** The one `h1` of a page, with a sentence under it and, beside it, what can be done with the whole page. */
export function pageHeading(title: Content, options: { sub?: Content; actions?: Markup } = {}): Markup {
  return html`<div class="heading"><div><h1>${title}</h1>${
    options.sub === undefined ? '' : html`<p class="sub">${options.sub}</p>`
  }</div>${options.actions ?? ''}</div>`
}

/** A part of a page under an `h2`. @param id of the heading, unique on the page */
export function section(id: string, title: Content, body: Markup | Markup[], options: { sub?: Content } = {}): Markup {
  return html`<section class="part" aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${
    options.sub === undefined ? '' : html`<p class="sub">${options.sub}</p>`
  }${body}</section>`
}

export type Field = {
  /** also the id of the input: unique on the page unless `id` is given */
  name: string
  id?: string
  label: Content
  type?: 'text' | 'email' | 'password' | 'search' | 'number' | 'date' | 'datetime-local'
  value?: string | undefined
  /** under the label, read out with the field */
  hint?: Content | undefined
  /** what is wrong with what was sent; read out with the field */
  error?: Content | undefined
  /** required unless it is false */
  required?: boolean
  autocomplete?: string
  inputmode?: 'text' | 'decimal' | 'numeric' | 'email' | 'search'
  minlength?: number
  maxlength?: number
  placeholder?: string
  pattern?: string
  /** where the reader begins; one field of a page at most */
  autofocus?: boolean
  /** several lines of text */
  rows?: number
  spellcheck?: boolean
}

/** A labelled input with its hint and its error. */
export function field(f: Field): Markup {
  const id = f.id ?? f.name
  const attributes = [
    html` id="${id}" name="${f.name}"`,
    f.required === false ? '' : html` required`,
    described(id, f),
    f.error === undefined ? '' : html` aria-invalid="true"`,
    f.autocomplete === undefined ? '' : html` autocomplete="${f.autocomplete}"`,
    f.inputmode === undefined ? '' : html` inputmode="${f.inputmode}"`,
    f.minlength === undefined ? '' : html` minlength="${f.minlength}"`,
    f.maxlength === undefined ? '' : html` maxlength="${f.maxlength}"`,
    f.placeholder === undefined ? '' : html` placeholder="${f.placeholder}"`,
    f.pattern === undefined ? '' : html` pattern="${f.pattern}"`,
    f.spellcheck === false ? html` spellcheck="false"` : '',
    f.autofocus ? html` autofocus` : '',
  ]
  const input = f.rows
    ? html`<textarea rows="${f.rows}"${attributes}>${f.value ?? ''}</textarea>`
    : html`<input type="${f.type ?? 'text'}"${attributes}${f.value === undefined ? '' : html` value="${f.value}"`}>`
  return wrap(id, f, input)
}

export type Choice = { value: string; label: string }

/** A labelled choice of one. */
export function select(f: Omit<Field, 'type' | 'rows'> & { choices: readonly Choice[] }): Markup {
  const id = f.id ?? f.name
  const options = f.choices.map(
    ({ value, label }) => html`<option value="${value}"${value === f.value ? html` selected` : ''}>${label}</option>`,
  )
  const invalid = f.error === undefined ? '' : html` aria-invalid="true"`
  return wrap(id, f, html`<select id="${id}" name="${f.name}"${described(id, f)}${invalid}>${options}</select>`)
}

/** A box to tick; `value` is what is sent when it is. */
export function checkbox(f: {
  name: string
  id?: string
  value?: string
  label: Content
  hint?: Content
  checked?: boolean
}): Markup {
  const id = f.id ?? f.name
  const hint = f.hint === undefined ? '' : html`<span class="hint" id="${id}-hint">${f.hint}</span>`
  return html`<div class="check"><input type="checkbox" id="${id}" name="${f.name}" value="${f.value ?? 'yes'}"${
    f.checked ? html` checked` : ''
  }${f.hint === undefined ? '' : html` aria-describedby="${id}-hint"`}><label for="${id}">${f.label}${hint}</label></div>`
}

function described(id: string, f: { hint?: Content | undefined; error?: Content | undefined }): Markup | string {
  const ids = [f.hint === undefined ? '' : `${id}-hint`, f.error === undefined ? '' : `${id}-error`].filter(Boolean)
  return ids.length === 0 ? '' : html` aria-describedby="${ids.join(' ')}"`
}

function wrap(id: string, f: Pick<Field, 'label' | 'hint' | 'error'>, input: Markup): Markup {
  return html`<div class="field"><label for="${id}">${f.label}</label>${
    f.hint === undefined ? '' : html`<p class="hint" id="${id}-hint">${f.hint}</p>`
  }${input}${f.error === undefined ? '' : html`<p class="error" id="${id}-error">${f.error}</p>`}</div>`
}

export type Button = {
  label: Content
  kind?: 'primary' | 'quiet' | 'danger'
  name?: string
  value?: string
  describedBy?: string
}

/** A button that sends its form. */
export function button({ label, kind = 'primary', name, value, describedBy }: Button): Markup {
  return html`<button class="${kind}"${name === undefined ? '' : html` name="${name}" value="${value ?? 'yes'}"`}${
    describedBy === undefined ? '' : html` aria-describedby="${describedBy}"`
  }>${label}</button>`
}

/** A link that looks like a button: it leads to a page and changes nothing. */
export const linkButton = (href: string, label: Content, kind: 'primary' | 'quiet' = 'quiet'): Markup =>
  html`<a class="button ${kind}" href="${href}">${label}</a>`

export const buttonRow = (...buttons: Markup[]): Markup => html`<div class="buttons">${buttons}</div>`

/** A message about the whole page. `bad` ones are read out at once. */
export function notice(kind: 'good' | 'bad' | 'plain', text: Content): Markup {
  return html`<div class="notice ${kind}" role="${kind === 'bad' ? 'alert' : 'status'}"><p>${text}</p></div>`
}

export type Column<Row> = {
  label: string
  /** set to the right, in figures of one width */
  numeric?: boolean
  cell: (row: Row) => Content
}

/** A table that becomes a list of cards where it is narrow. The first column names the row. @param caption for those who hear it */
export function table<Row>(caption: string, columns: readonly Column<Row>[], rows: readonly Row[]): Markup {
  const head = columns.map(
    ({ label, numeric }) =>
      html`<th scope="col" role="columnheader"${numeric ? html` class="numeric"` : ''}>${label}</th>`,
  )
  const body = rows.map((row) => {
    const cells = columns.map(({ label, numeric, cell }, index) => {
      const attributes = html`${numeric ? html` class="numeric"` : ''} data-label="${label}"`
      return index === 0
        ? html`<th scope="row" role="rowheader"${attributes}><div>${cell(row)}</div></th>`
        : html`<td role="cell"${attributes}><div>${cell(row)}</div></td>`
    })
    return html`<tr role="row">${cells}</tr>`
  })
  // The roles are a table's own; said again because `display` takes them away where rows become cards.
  return html`<table class="rows" role="table"><caption class="heard">${caption}</caption>
<thead role="rowgroup"><tr role="row">${head}</tr></thead><tbody role="rowgroup">${body}</tbody></table>`
}

/** Terms and what they are, e.g. the facts of one thing. */
export function definitionList(items: readonly (readonly [term: Content, text: Content])[]): Markup {
  return html`<dl class="facts">${items.map(([term, text]) => html`<div><dt>${term}</dt><dd>${text}</dd></div>`)}</dl>`
}

/** What stands where a list would, and what to do about it. */
export const emptyState = (text: Content, action?: Markup): Markup =>
  html`<div class="empty"><p>${text}</p>${action ?? ''}</div>`

/** Text only for those who hear the page. */
export const heard = (text: Content): Markup => html`<span class="heard">${text}</span>`

/** A page with one thing to say. */
export function alone(
  language: Language,
  { mark, title, text, action }: { mark?: string; title: string; text: string; action?: Markup },
): Markup {
  const sentence = /[.!?]$/.test(text) ? text : `${text}.`
  return html`<section class="alone">
${mark === undefined ? '' : html`<p class="mode">${mark}</p>`}
<h1>${title}.</h1>
<p class="sub">${sentence}</p>
<p>${action ?? html`<a href="/">${frameText(language, 'front-page')}</a>`}</p>
</section>`
}
