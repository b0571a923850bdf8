import { html } from 'hono/html'
import type { TimelineItem } from '../../operations/gift-cards/show-order.ts'
import { formatTime } from '../format.ts'
import type { Markup } from '../layout.ts'
import { defineMessages, type Language } from '../messages.ts'

const words = defineMessages({
  en: {
    requested: 'Ordered',
    processing: 'Work on it began',
    succeeded: 'Succeeded',
    failed: 'Failed',
    cancelled: 'Taken back',
    delivered: 'Written to the recipient',
    'resend-requested': 'To be written again',
    revealed: 'Looked at in full',
    'code-shown': 'Code shown on its page',
    'pin-shown': 'PIN shown on its page',
    'barcode-shown': 'Barcode shown on its page',
    'pdf-made': 'Printed',
    claimed: 'Kept in somebody’s wallet',
    given: 'Given away under a new link',
    blocked: 'Blocked',
    unblocked: 'Let go again',
    by: 'by {who}',
  },
  fr: {
    requested: 'Commandée',
    processing: 'Le traitement a commencé',
    succeeded: 'Réussie',
    failed: 'Échouée',
    cancelled: 'Reprise',
    delivered: 'Écrite au destinataire',
    'resend-requested': 'À écrire de nouveau',
    revealed: 'Consultée en entier',
    'code-shown': 'Code montré sur sa page',
    'pin-shown': 'PIN montré sur sa page',
    'barcode-shown': 'Code-barres montré sur sa page',
    'pdf-made': 'Imprimée',
    claimed: 'Gardée dans un portefeuille',
    given: 'Donnée sous un nouveau lien',
    blocked: 'Bloquée',
    unblocked: 'Débloquée',
    by: 'par {who}',
  },
})

type Word = Parameters<typeof words>[1]

const KNOWN: ReadonlySet<string> = new Set<Word>([
  'requested',
  'processing',
  'succeeded',
  'failed',
  'cancelled',
  'delivered',
  'resend-requested',
  'revealed',
  'code-shown',
  'pin-shown',
  'barcode-shown',
  'pdf-made',
  'claimed',
  'given',
  'blocked',
  'unblocked',
])

/** What happened, oldest first. @param options.names also who did it: for operators */
export function timeline(items: readonly TimelineItem[], language: Language, options: { names: boolean }): Markup {
  const lines = items.map(({ what, at, detail, principal }) => {
    const name = KNOWN.has(what) ? words(language, what as Word) : what
    const who =
      options.names && principal !== null
        ? html` <span class="soft">${words(language, 'by', { who: principal })}</span>`
        : ''
    const why = detail !== null && options.names ? html`<p class="soft">${detail}</p>` : ''
    return html`<li class="${what === 'failed' ? 'bad-mark' : ''}"><p><strong>${name}</strong>${who}</p><p class="soft">${formatTime(at, language)}</p>${why}</li>`
  })
  return html`<ol class="timeline">${lines}</ol>`
}
