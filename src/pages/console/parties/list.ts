import { html } from 'hono/html'
import { isUuid } from '../../../operations/input.ts'
import { partiesByName, partiesOfKind, partyOfEmail } from '../../../storage/console-parties.ts'
import { findPartyListing, listParties, type PartyListing } from '../../../storage/directory-listings.ts'
import { buttonRow, emptyState, field, linkButton, pageHeading, select } from '../../components.ts'
import { formatTime } from '../../format.ts'
import { sendConsole } from '../frame.ts'
import { consoleList, filterOf, PAGE_ROWS, sendCsv } from '../list.ts'
import type { ConsoleCall, ConsoleDeps } from '../route.ts'
import { choiceFilter } from '../uuid-filter.ts'
import { link } from '../wallets/parts.ts'
import { partyText as text } from './words.ts'

/** By name, id or e-mail, or all of a kind, or all. */
async function read(
  { db }: Pick<ConsoleDeps, 'db'>,
  { query }: ConsoleCall,
  after: string | undefined,
  limit: number,
): Promise<PartyListing[]> {
  const search = filterOf(query, 'q')
  const kind = choiceFilter(query, 'kind', ['person', 'business'])
  if (search !== undefined && (isUuid(search) || search.includes('@'))) {
    const one = isUuid(search) ? await findPartyListing(db, search) : await partyOfEmail(db, search)
    return one && after === undefined ? [one] : []
  }
  if (search !== undefined) return partiesByName(db, search, { after, limit })
  return kind === undefined ? listParties(db, { after, limit }) : partiesOfKind(db, kind, { after, limit })
}

export async function showParties(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language, query } = call
  const after = filterOf(query, 'after')
  const rows = await read(deps, call, after !== undefined && isUuid(after) ? after : undefined, PAGE_ROWS + 1)
  const make = linkButton('/console/parties/new', text(language, 'new'), 'primary')
  const kinds = ['', 'person', 'business'] as const
  const fields = html`${field({ name: 'q', label: text(language, 'search'), type: 'search', required: false, value: query.get('q') ?? '' })}${select(
    {
      name: 'kind',
      label: text(language, 'kind'),
      value: query.get('kind') ?? '',
      choices: kinds.map((value) => ({ value, label: text(language, value || 'any') })),
    },
  )}`
  const list = consoleList(call, {
    path: '/parties',
    caption: text(language, 'title'),
    columns: [
      { label: text(language, 'name'), cell: ({ id, name }) => link(`/parties/${id}`, name) },
      { label: text(language, 'kind'), cell: ({ kind }) => text(language, kind) },
      { label: text(language, 'since'), cell: ({ created_at }) => formatTime(created_at, language) },
      { label: text(language, 'id'), cell: ({ id }) => html`<code>${id}</code>` },
    ],
    rows,
    cursor: ({ id }) => id,
    filters: { fields, names: ['q', 'kind'] },
    csv: true,
    empty: emptyState(text(language, 'empty'), make),
  })
  const heading = pageHeading(text(language, 'title'), { sub: text(language, 'sub'), actions: buttonRow(make) })
  return sendConsole(deps, call, { title: text(language, 'title'), place: 'parties', body: html`${heading}${list}` })
}

export async function downloadParties(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  return sendCsv(call, {
    name: 'parties',
    header: ['id', 'kind', 'name', 'created_at'],
    read: (after) => read(deps, call, after, 1_000),
    cursor: ({ id }) => id,
    line: ({ id, kind, name, created_at }) => [id, kind, name, created_at.toISOString()],
  })
}
