import { html } from 'hono/html'
import { LOCALES } from '../../../domain/format.ts'
import type { ApiCallRow, CallProtocol } from '../../../storage/api-calls.ts'
import { linkButton, section } from '../../components.ts'
import type { Markup } from '../../layout.ts'
import type { Language } from '../../messages.ts'
import { failedText } from './failed-words.ts'
import { type CallWord, callText as text } from './words.ts'

/** The scheme of the signature builder that a protocol's requests are made with. */
const SCHEMES: Record<CallProtocol, string> = {
  walleo: 'walleo',
  tillo: 'tillo',
  jackpot: 'jackpot',
  pledg: 'pledg-request',
}

export const PROTOCOL_NAMES: Record<CallProtocol, string> = {
  walleo: 'Walleo',
  tillo: 'Tillo',
  jackpot: 'Jackpot',
  pledg: 'Pledg',
}

/** To the second: calls follow each other. */
export function momentText(at: Date, language: Language): Markup {
  const words = new Intl.DateTimeFormat(LOCALES[language], {
    dateStyle: 'medium',
    timeStyle: 'medium',
    timeZone: 'UTC',
  })
  return html`<time datetime="${at.toISOString()}">${words.format(at)} UTC</time>`
}

/** Codes by which protocols answer that a velocity rule has no room. */
const VELOCITY = ['limit_reached', '719']

const HINTS = [401, 403, 404, 409, 422, 429]

type Refusal = Pick<ApiCallRow, 'status' | 'code' | 'failed' | 'facts' | 'message'>

/** Why a request was refused, in one sentence: the check that failed, else what the answer said. */
export function reasonOf({ failed, facts, message, code }: Omit<Refusal, 'status'>, language: Language): string {
  const words = failed === null ? null : failedText(language, failed, { address: String(facts?.address ?? '') })
  return words ?? message ?? failed ?? code ?? ''
}

/** The whole of it: what failed, by how much, what to compare, and where to go on. */
export function explanation(call: Refusal & Pick<ApiCallRow, 'protocol'>, language: Language): Markup {
  const { status, code, failed, facts, protocol } = call
  if (status < 400) return section('why', text(language, 'why-fine'), html`<p>${text(language, 'fine')}</p>`)
  const skew = Number(facts?.skew ?? 0)
  const timed = failed === 'stale-timestamp' || failed === 'future-timestamp'
  const late = timed
    ? html`<p>${text(language, skew > 0 ? 'skew-late' : 'skew-early', { seconds: Math.abs(skew) })}</p>`
    : ''
  const signed =
    typeof facts?.signed === 'string' && facts.signed !== ''
      ? html`<h3>${text(language, 'signed')}</h3><p class="hint">${text(language, 'signed-hint')}</p><pre tabindex="0" class="signed"><code>${facts.signed}</code></pre>`
      : ''
  const hint: CallWord = VELOCITY.includes(code ?? '')
    ? 'h-velocity'
    : status >= 500
      ? 'h-5xx'
      : HINTS.includes(status)
        ? (`h-${status}` as CallWord)
        : 'h-4xx'
  const unproven = failed !== null && failed !== 'address'
  return section(
    'why',
    text(language, 'why'),
    html`<div class="why"><p><strong>${reasonOf(call, language)}</strong></p>${late}${
      failed === null ? html`<p>${text(language, hint)}</p>` : ''
    }${signed}${unproven ? html`<p class="hint">${text(language, 'unproven')}</p>` : ''}${
      failed === null && status !== 401
        ? ''
        : html`<div class="buttons">${linkButton(`/tools/signature#${SCHEMES[protocol]}`, text(language, 'check'))}</div>`
    }</div>`,
  )
}
