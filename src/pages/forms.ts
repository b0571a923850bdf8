import { html } from 'hono/html'
import type { PageContext } from './env.ts'
import type { Markup } from './layout.ts'
import { PageProblem } from './problem.ts'

export { PageProblem } from './problem.ts'

const LARGEST_FORM = 65_536

/**
 * The fields of a form of ours, each of which may be there once. Lines end in \n; no other control character passes but a tab.
 * @param options.signsIn the form is of somebody who signs in, which may have happened in another tab since it was opened
 * @throws {PageProblem} when it is larger than 64 KiB, no form, or came from elsewhere
 */
export async function readForm(c: PageContext, options: { signsIn?: boolean } = {}): Promise<Map<string, string>> {
  const fields = await readFields(c)
  c.get('checkForm')(fields.get('csrf'), options)
  fields.delete('csrf')
  return fields
}

/**
 * The same, wherever it came from: for forms that use nothing of the browser's.
 * @throws {PageProblem} when it is larger than 64 KiB, or no form
 */
export async function readFields(c: PageContext): Promise<Map<string, string>> {
  const type = c.req.header('content-type') ?? ''
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) throw new PageProblem('form-malformed')
  const fields = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(await readText(c))) {
    const text = value.replace(/\r\n?/g, '\n')
    if (fields.has(name) || /(?![\t\n])\p{Cc}|\p{Cs}/u.test(text)) throw new PageProblem('form-malformed')
    fields.set(name, text)
  }
  return fields
}

async function readText(c: PageContext): Promise<string> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of c.req.raw.body ?? []) {
    size += part.length
    if (size > LARGEST_FORM) throw new PageProblem('form-too-large')
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

/** Stands in every form with `method="post"`. */
export const csrfField = (c: PageContext): Markup => csrfInput(c.get('csrf')())

/** The same, for the frame, which knows the session only. */
export const csrfInput = (csrf: string): Markup => html`<input type="hidden" name="csrf" value="${csrf}">`
