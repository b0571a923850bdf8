import { html } from 'hono/html'
import { type FoundPartner, searchPartners } from '../../../storage/partners.ts'
import { type Column, emptyState, field, linkButton, pageHeading, select } from '../../components.ts'
import { formatTime } from '../../format.ts'
import { sendConsole } from '../frame.ts'
import { anyOf, link, oneOf, partyOf, statusTag, uuidAfter } from '../gift-parts.ts'
import { giftText } from '../gift-words.ts'
import { consoleList, filterOf, PAGE_ROWS, sendCsv } from '../list.ts'
import { type ConsoleCall, type ConsoleDeps, type ConsoleRoute, EVERYONE } from '../route.ts'
import { partnerText as text } from './words.ts'

const STATES = ['live', 'ended'] as const
export const stateOf = ({ disabledAt }: { disabledAt: Date | null }) => (disabledAt === null ? 'live' : 'ended')

function read(deps: ConsoleDeps, call: ConsoleCall, after: string | undefined, limit: number): Promise<FoundPartner[]> {
  const state = oneOf(call.query, 'state', STATES)
  const filter = {
    partyId: partyOf(call),
    begins: filterOf(call.query, 'slug')?.toLowerCase(),
    ended: state && state === 'ended',
  }
  return searchPartners(deps.db, filter, { after, limit })
}

export const partnerListRoutes: readonly ConsoleRoute[] = [
  {
    method: 'get',
    path: '/partners',
    who: EVERYONE,
    async handle(deps, call) {
      const { language, query, user } = call
      const operator = user.role === 'operator'
      const rows = await read(deps, call, uuidAfter(query), PAGE_ROWS + 1)
      const columns: Column<FoundPartner>[] = [
        { label: text(language, 'slug'), cell: ({ id, slug }) => link(`/partners/${id}`, slug) },
        { label: text(language, 'business'), cell: ({ party }) => party },
        { label: text(language, 'keys'), cell: ({ live }) => text(language, live ? 'kind-live' : 'kind-test') },
        { label: giftText(language, 'status'), cell: (row) => statusTag(stateOf(row), language) },
        { label: giftText(language, 'created'), cell: ({ createdAt }) => formatTime(createdAt, language) },
      ]
      const fields = html`${field({
        name: 'slug',
        label: text(language, 'begins-with'),
        required: false,
        value: query.get('slug') ?? '',
      })}${select({
        name: 'state',
        label: giftText(language, 'status'),
        value: query.get('state') ?? '',
        choices: anyOf(language, STATES),
      })}`
      const make = linkButton('/console/partners/new', text(language, 'new'), 'primary')
      const list = consoleList(call, {
        path: '/partners',
        caption: text(language, 'title'),
        columns,
        rows,
        cursor: ({ id }) => id,
        filters: { fields, names: ['slug', 'state'] },
        csv: true,
        empty: operator ? emptyState(text(language, 'empty'), make) : emptyState(text(language, 'empty-own')),
      })
      const title = text(language, operator ? 'title' : 'title-own')
      const heading = pageHeading(title, {
        sub: text(language, operator ? 'sub' : 'sub-own'),
        ...(operator && { actions: make }),
      })
      return sendConsole(deps, call, { title, place: 'partners', body: html`${heading}${list}` })
    },
  },
  {
    method: 'get',
    path: '/partners.csv',
    who: EVERYONE,
    handle: async (deps, call) =>
      sendCsv(call, {
        name: 'partners',
        header: ['id', 'slug', 'business', 'party_id', 'live', 'created_at', 'disabled_at'],
        read: (after) => read(deps, call, after, 1_000),
        cursor: ({ id }) => id,
        line: ({ id, slug, party, partyId, live, createdAt, disabledAt }) => [
          id,
          slug,
          party,
          partyId,
          String(live),
          createdAt.toISOString(),
          disabledAt?.toISOString() ?? null,
        ],
      }),
  },
]
