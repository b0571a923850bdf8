import type { Language } from '../domain/language.ts'
import { type Enclosed, type MailValues, mailLink, mailText, type TemplateName } from './templates.ts'

/** A mail's subject and its two forms, which say the same. Values are data: they cannot add headers or markup. */
export function renderMail<Name extends TemplateName>(
  language: Language,
  template: Name,
  values: MailValues[Name],
): { subject: string; text: string; html: string } {
  const link = mailLink(values)
  const shown = { ...plainValues(values), host: new URL(link).host }
  const { quote = '', small = [] } = values as Enclosed
  const text = (part: 'subject' | 'greeting' | 'text' | 'button' | 'note') =>
    mailText(language, `${template}-${part}`, shown)
  const signOff = mailText(language, 'sign-off', shown)
  const [subject, greeting, body, button, note] = [
    text('subject'),
    // Not everybody's name is known.
    'name' in shown && shown.name === '' ? text('greeting').replace(/\s+,/, ',') : text('greeting'),
    text('text'),
    text('button'),
    text('note'),
  ]
  const quoted = quote === '' ? [] : [plainLines(quote).replace(/^/gm, '> ')]
  const below = small.map(plainLines)
  return {
    subject,
    text: [greeting, body, ...quoted, `${button}:\n${link}`, note, ...below, `-- \n${signOff}\n`].join('\n\n'),
    html: `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>${escapeHtml(subject)}</title></head>
<body style="margin:0;padding:24px;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif">
<div style="max-width:34em;margin:0 auto">
<p>${escapeHtml(greeting)}</p>
<p>${escapeHtml(body)}</p>
${quote === '' ? '' : `<blockquote style="margin:20px 0;padding-left:16px;border-left:3px solid #0f6b4f;white-space:pre-line">${escapeHtml(plainLines(quote))}</blockquote>\n`}<p style="margin:28px 0"><a href="${escapeHtml(link)}" style="display:inline-block;padding:12px 20px;border-radius:8px;background:#0f6b4f;color:#ffffff;font-weight:600;text-decoration:none">${escapeHtml(button)}</a></p>
<p>${escapeHtml(note)}</p>
${below.map((lines) => `<p style="font-size:13px;white-space:pre-line">${escapeHtml(lines)}</p>\n`).join('')}<p style="margin-top:32px;font-size:13px;opacity:.75">${escapeHtml(signOff)}</p>
</div>
</body>
</html>
`,
  }
}

/** One line each: a name with a line break in it must not look like a paragraph or a header of ours. */
function plainValues(values: object): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'number' ? value : String(value).replace(/[\p{Cc}\u2028\u2029]+/gu, ' '),
    ]),
  )
}

/** Several lines, with nothing else that is not to be seen. */
const plainLines = (text: string): string =>
  text
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(/[^\P{Cc}\n]+/gu, ' ')
    .trim()

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] as string)
