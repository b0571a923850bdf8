import { html } from 'hono/html'
import { type BusinessKey, type KeyKind, listBusinessKeys } from '../../../storage/business-keys.ts'
import { type Column, type Content, emptyState, linkButton, notice, pageHeading, table } from '../../components.ts'
import { formatTime } from '../../format.ts'
import type { Language } from '../../messages.ts'
import { sendConsole } from '../frame.ts'
import { link } from '../gift-parts.ts'
import type { ConsoleRoute } from '../route.ts'
import { keyText as text } from './words.ts'

/** Keys that ended are shown for so long; ms. */
const ENDED_SHOWN = 30 * 86_400_000
/** A business with more than so many looks for them on the pages of its partners and merchants. */
const MOST = 500

/** Where a key is rotated, limited and revoked; below `/console`. */
const PAGES: Record<KeyKind, (of: string) => string> = {
  walleo: (of) => `/partners/${of}`,
  tillo: (of) => `/partners/${of}`,
  jackpot: (of) => `/partners/${of}`,
  pledg: (of) => `/merchants/${of}`,
  'merchant-secret': (of) => `/merchants/${of}`,
  oauth: (of) => `/clients/${encodeURIComponent(of)}`,
  admin: (of) => `/api-keys/${of}`,
  webhook: (of) => `/webhooks/${of}`,
}

/** Kinds whose requests stand in the log of calls. */
const WATCHED: readonly KeyKind[] = ['walleo', 'tillo', 'jackpot', 'pledg', 'oauth']

function stateCell({ revokedAt, endsAt }: BusinessKey, now: number, language: Language): Content {
  if (revokedAt !== null || (endsAt !== null && endsAt.getTime() <= now))
    return html`<span class="tag plain">${text(language, 'ended')}</span> ${formatTime(revokedAt ?? (endsAt as Date), language)}`
  if (endsAt !== null)
    return html`<span class="tag bad">${text(language, 'ending')}</span> ${formatTime(endsAt, language)}`
  return html`<span class="tag good">${text(language, 'live')}</span>`
}

/** All keys of a business at one place. */
export const keyRoutes: readonly ConsoleRoute[] = [
  {
    method: 'get',
    path: '/keys',
    who: ['owner'],
    async handle(deps, call) {
      const { language, user } = call
      const now = deps.clock()
      const rows = await listBusinessKeys(deps.db, user.partyId, new Date(now - ENDED_SHOWN), MOST)
      const used = ({ kind, usedAt }: BusinessKey): Content =>
        usedAt !== null ? formatTime(usedAt, language) : text(language, WATCHED.includes(kind) ? 'never' : 'unwatched')
      const columns: Column<BusinessKey>[] = [
        {
          label: text(language, 'shown'),
          cell: ({ kind, of, name, shown }) =>
            html`${link(PAGES[kind](of), text(language, `k-${kind}`))}<br><span class="reason">${name}${
              shown === null ? '' : html` · <code>${shown}</code>`
            }</span>`,
        },
        {
          label: text(language, 'created'),
          cell: ({ createdAt }) => (createdAt ? formatTime(createdAt, language) : ''),
        },
        { label: text(language, 'used'), cell: used },
        {
          label: text(language, 'refused'),
          cell: ({ refusedAt }) => (refusedAt ? formatTime(refusedAt, language) : ''),
        },
        { label: text(language, 'state'), cell: (row) => stateCell(row, now, language) },
      ]
      const title = text(language, 'title')
      const list =
        rows.length === 0
          ? emptyState(text(language, 'empty'))
          : html`${table(title, columns, rows)}<div class="buttons pager">${linkButton('/console/calls', text(language, 'calls'))}</div>`
      const body = html`${pageHeading(title, { sub: text(language, 'sub') })}${notice('plain', text(language, 'warning'))}<div class="part">${list}</div>`
      return sendConsole(deps, call, { title, place: 'keys', body })
    },
  },
]
