import { html } from 'hono/html'
import { isCompromiseKind, requireTarget } from '../../../operations/compromise/find-target.ts'
import { newestUses, readUses, type Use } from '../../../operations/compromise/uses.ts'
import { OperationRefusal } from '../../../operations/input.ts'
import { COMPROMISE_KINDS, type CompromiseRow, listCompromises } from '../../../storage/compromises.ts'
import {
  button,
  type Column,
  definitionList,
  emptyState,
  field,
  linkButton,
  pageHeading,
  section,
  select,
  table,
} from '../../components.ts'
import { formatTime, timeText } from '../../format.ts'
import { csrfField } from '../../forms.ts'
import type { Markup } from '../../layout.ts'
import type { Language } from '../../messages.ts'
import { doneNotice, goTo, ownParty } from '../act-form.ts'
import { sendConsole } from '../frame.ts'
import { consoleList, PAGE_ROWS, sendCsv } from '../list.ts'
import type { ConsoleCall, ConsoleDeps, ConsoleRoute } from '../route.ts'
import { secretWarnings } from '../secrets.ts'
import { uuidFilter } from '../uuid-filter.ts'
import { KEEPERS, oneCompromise } from './answer.ts'
import { compromiseWords as words } from './words.ts'

const ENDED = [
  'clients',
  'refresh-tokens',
  'grants',
  'api-keys',
  'partner-credentials',
  'jackpot-secrets',
  'merchant-keys',
  'merchant-secrets',
  'webhook-secrets',
  'sessions',
  'invitations',
  'application-passwords',
  'passkeys',
  'passwords',
  'transaction-tokens',
] as const

/** What was ended, with how many; what there was none of is left out. */
function endedText(ended: Record<string, number>, language: Language): string {
  const texts = ENDED.filter((what) => (ended[what] ?? 0) > 0).map(
    (what) => `${words(language, `ended-${what}`)} ${ended[what]}`,
  )
  return texts.length === 0 ? words(language, 'nothing') : texts.join(', ')
}

const columns = ({ language }: ConsoleCall): Column<CompromiseRow>[] => [
  { label: words(language, 'name'), cell: ({ id, name }) => html`<a href="/console/compromise/${id}">${name}</a>` },
  { label: words(language, 'kind'), cell: ({ kind }) => words(language, `kind-${kind}`) },
  { label: words(language, 'at'), cell: ({ at }) => formatTime(at, language) },
  { label: words(language, 'by'), cell: ({ actor }) => actor },
  { label: words(language, 'ended'), cell: ({ ended }) => endedText(ended, language) },
]

async function showList(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language, query, user } = call
  const [kind, id] = [query.get('kind') ?? '', query.get('id')?.trim() ?? '']
  const asked = id !== '' && isCompromiseKind(kind) && (await isTheirs(deps, call, kind, id))
  if (asked) return goTo(call, `/compromise/answer/${kind}/${encodeURIComponent(id)}`)
  const find = html`<form class="filters" method="get" action="/console/compromise">${select({
    name: 'kind',
    label: words(language, 'kind'),
    value: kind,
    choices: COMPROMISE_KINDS.map((value) => ({ value, label: words(language, `kind-${value}`) })),
  })}${field({
    name: 'id',
    label: words(language, 'id'),
    hint: words(language, 'id-hint'),
    value: id,
    spellcheck: false,
    error: id === '' ? undefined : words(language, 'unknown'),
  })}<div class="buttons">${button({ label: words(language, 'look'), kind: 'quiet' })}</div></form>`
  const all =
    user.role === 'operator'
      ? ''
      : html`<div class="buttons pager">${linkButton(`/console/compromise/answer/party/${user.partyId}`, words(language, 'all'))}</div>`
  const list = consoleList(call, {
    path: '/compromise',
    caption: words(language, 'answered'),
    columns: columns(call),
    rows: await listCompromises(deps.db, {
      partyId: ownParty(call),
      before: uuidFilter(query, 'after'),
      limit: PAGE_ROWS + 1,
    }),
    cursor: (row) => row.id,
    empty: emptyState(words(language, 'none')),
  })
  const title = words(language, 'title')
  const body = html`${pageHeading(title, { sub: words(language, 'sub') })}${section('which', words(language, 'which'), html`${find}${all}`)}
${section('answered', words(language, 'answered'), list)}${secretWarnings(language)}`
  return sendConsole(deps, call, { title, place: 'compromise', body })
}

async function isTheirs(deps: ConsoleDeps, call: ConsoleCall, kind: string, id: string): Promise<boolean> {
  try {
    const { partyId } = await requireTarget(deps.db, kind, id)
    return call.user.role === 'operator' || call.user.partyId === partyId
  } catch (error) {
    if (error instanceof OperationRefusal) return false
    throw error
  }
}

const SHOWN = 100

async function show(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language, query } = call
  const compromise = await oneCompromise(deps, call)
  const { id, kind } = compromise
  const { uses, more } = await newestUses(deps.db, compromise, SHOWN)
  const title = words(language, 'answer-title', { kind: words(language, `kind-${kind}`) })
  const download = html`<div class="buttons pager">${linkButton(`/console/compromise/${id}/uses.csv`, words(language, 'download'))}</div>`
  const list =
    uses.length === 0
      ? emptyState(words(language, 'no-uses'))
      : html`${more ? html`<p class="sub">${words(language, 'more')}</p>` : ''}${table(words(language, 'uses'), useColumns(language), uses)}`
  const body = html`${pageHeading(compromise.name, { sub: title })}${doneNotice(call, {
    ended: words(language, 'done'),
    tokens: words(language, 'done-tokens', { count: Number(query.get('count')) || 0 }),
  })}${definitionList([
    [words(language, 'at'), formatTime(compromise.at, language)],
    [words(language, 'by'), compromise.actor],
    [words(language, 'ended'), endedText(compromise.ended, language)],
    [words(language, 'id'), html`<code>${compromise.target}</code>`],
  ])}${nextSteps(call, compromise)}
${section('uses', words(language, 'uses'), html`${list}${more || uses.length > 0 ? download : ''}`, {
  sub: words(language, 'uses-sub', { time: `${timeText(compromise.since, language)} UTC` }),
})}`
  return sendConsole(deps, call, { title: compromise.name, place: 'compromise', body })
}

function nextSteps(call: ConsoleCall, { id, kind, principals, party_id: partyId }: CompromiseRow): Markup {
  const { language, c } = call
  const tokens = html`<li>${words(language, 'next-tokens')}<form method="post" action="/console/compromise/${id}/tokens">${csrfField(
    c,
  )}${button({ label: words(language, 'next-tokens-now'), kind: 'quiet' })}</form></li>`
  const party = html`<li>${words(language, 'next-party')} <a href="/console/compromise/answer/party/${partyId}">${words(
    language,
    'next-party-now',
  )}</a></li>`
  return section(
    'next',
    words(language, 'next'),
    html`<ol class="effects">${principals.length > 0 ? tokens : ''}<li>${words(language, 'next-new')}</li><li>${words(
      language,
      'next-uses',
    )}</li>${kind === 'party' ? '' : party}</ol>`,
  )
}

const useColumns = (language: Language): Column<Use>[] => [
  { label: words(language, 'what'), cell: ({ what }) => what },
  { label: words(language, 'at'), cell: ({ at }) => formatTime(at, language) },
  { label: words(language, 'source'), cell: ({ source }) => words(language, `source-${source}`) },
  { label: words(language, 'object'), cell: ({ object }) => html`<code>${object}</code>` },
  { label: words(language, 'amount'), numeric: true, cell: ({ amount }) => amount ?? '' },
  { label: words(language, 'address'), cell: ({ address }) => address ?? '' },
]

export const compromiseListRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/compromise', who: KEEPERS, handle: showList },
  { method: 'get', path: '/compromise/:id', who: KEEPERS, handle: show },
  {
    method: 'get',
    path: '/compromise/:id/uses.csv',
    who: KEEPERS,
    async handle(deps, call) {
      const compromise = await oneCompromise(deps, call)
      return sendCsv(call, {
        name: `uses-${compromise.id}`,
        header: ['at', 'where', 'what', 'object', 'amount', 'as', 'address'],
        read: (after) => readUses(deps.db, compromise, after),
        cursor: ({ cursor }) => cursor,
        line: (row) => [row.at.toISOString(), row.source, row.what, row.object, row.amount, row.as, row.address],
      })
    },
  },
]
