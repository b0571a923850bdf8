import { html } from 'hono/html'
import { type ConsoleActRow, listConsoleActs } from '../../storage/console-acts.ts'
import { type Column, emptyState, field, pageHeading } from '../components.ts'
import { formatTime } from '../format.ts'
import { defineMessages } from '../messages.ts'
import { sendConsole } from './frame.ts'
import { consoleList, filterOf, PAGE_ROWS, sendCsv } from './list.ts'
import type { ConsoleCall, ConsoleRoute } from './route.ts'

const words = defineMessages({
  en: {
    title: 'Acts',
    sub: 'What was done in the console, by whom, and how it ended.',
    when: 'When',
    who: 'Who',
    act: 'Act',
    object: 'To what',
    outcome: 'Outcome',
    address: 'From',
    done: 'done',
    refused: 'refused',
    failed: 'failed',
    unknown: 'under way, or the server ended',
    email: 'E-mail',
    'act-begins': 'Act begins with',
    empty: 'Nobody has done anything here yet.',
  },
  fr: {
    title: 'Actes',
    sub: 'Ce qui a été fait dans la console, par qui, et avec quel résultat.',
    when: 'Quand',
    who: 'Qui',
    act: 'Acte',
    object: 'Sur quoi',
    outcome: 'Résultat',
    address: 'Depuis',
    done: 'fait',
    refused: 'refusé',
    failed: 'échoué',
    unknown: 'en cours, ou le serveur s’est arrêté',
    email: 'E-mail',
    'act-begins': 'L’acte commence par',
    empty: 'Personne n’a encore rien fait ici.',
  },
})

const read = (
  { user, query }: ConsoleCall,
  before: string | undefined,
  limit: number,
  db: Parameters<typeof listConsoleActs>[0],
) =>
  listConsoleActs(
    db,
    {
      partyId: user.role === 'operator' ? undefined : user.partyId,
      email: filterOf(query, 'email'),
      act: filterOf(query, 'act'),
      before,
    },
    limit,
  )

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The log of acts: of everybody for operators, of the own team for a business. */
export const actRoutes: readonly ConsoleRoute[] = [
  {
    method: 'get',
    path: '/acts',
    who: ['operator', 'owner'],
    async handle(deps, call) {
      const { language, query } = call
      const text = (key: Parameters<typeof words>[1]) => words(language, key)
      const after = filterOf(query, 'after')
      const rows = await read(call, after !== undefined && UUID.test(after) ? after : undefined, PAGE_ROWS + 1, deps.db)
      const columns: Column<ConsoleActRow>[] = [
        { label: text('when'), cell: ({ at }) => formatTime(at, language) },
        { label: text('who'), cell: ({ email }) => email },
        { label: text('act'), cell: ({ act }) => html`<code>${act}</code>` },
        { label: text('object'), cell: ({ object }) => html`<code>${object}</code>` },
        { label: text('outcome'), cell: ({ outcome }) => text(outcome ?? 'unknown') },
        { label: text('address'), cell: ({ address }) => address },
      ]
      const fields = html`${field({ name: 'email', label: text('email'), required: false, value: query.get('email') ?? '' })}${field(
        {
          name: 'act',
          label: text('act-begins'),
          required: false,
          value: query.get('act') ?? '',
        },
      )}`
      const list = consoleList(call, {
        path: '/acts',
        caption: text('title'),
        columns,
        rows,
        cursor: ({ id }) => id,
        filters: { fields, names: ['email', 'act'] },
        csv: true,
        empty: emptyState(text('empty')),
      })
      const body = html`${pageHeading(text('title'), { sub: text('sub') })}${list}`
      return sendConsole(deps, call, { title: text('title'), place: 'acts', body })
    },
  },
  {
    method: 'get',
    path: '/acts.csv',
    who: ['operator', 'owner'],
    async handle(deps, call) {
      return sendCsv(call, {
        name: 'acts',
        header: ['at', 'email', 'role', 'act', 'object', 'outcome', 'address', 'detail'],
        read: (after) => read(call, after, 1_000, deps.db),
        cursor: ({ id }) => id,
        line: ({ at, email, role, act, object, outcome, address, detail }) => [
          at.toISOString(),
          email,
          role,
          act,
          object,
          outcome,
          address,
          JSON.stringify(detail),
        ],
      })
    },
  },
]
