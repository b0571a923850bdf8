import { html } from 'hono/html'
import type { Markup } from '../layout.ts'

/** A line of a document: what stands between backticks is code. */
export const line = (text: string): Markup =>
  html`${text.split(/`([^`]+)`/).map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : part))}`

/** Paragraphs of a document. */
export const prose = (text: string): Markup[] => text.split('\n\n').map((paragraph) => html`<p>${line(paragraph)}</p>`)
