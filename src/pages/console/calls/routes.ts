import { html } from 'hono/html'
import { isUuid } from '../../../operations/input.ts'
import { findApiCall } from '../../../storage/api-calls.ts'
import { buttonRow, type Content, definitionList, linkButton, pageHeading } from '../../components.ts'
import { PageProblem } from '../../problem.ts'
import { sendConsole } from '../frame.ts'
import { link, partyOf } from '../gift-parts.ts'
import { type ConsoleRoute, EVERYONE } from '../route.ts'
import { explanation, momentText, PROTOCOL_NAMES } from './explain.ts'
import { callListRoutes } from './list.ts'
import { type CallWord, callText as text } from './words.ts'

/** The log of calls: of all businesses for operators, of the own for each. */
export const callRoutes: readonly ConsoleRoute[] = [
  ...callListRoutes,
  {
    method: 'get',
    path: '/calls/:id',
    who: EVERYONE,
    async handle(deps, call) {
      const { language } = call
      const id = call.param('id')
      const row = isUuid(id) ? await findApiCall(deps.db, id, partyOf(call)) : undefined
      if (!row) throw new PageProblem('not-found')
      const code = (content: string) => html`<code>${content}</code>`
      const fact = (term: CallWord, content: Content | null): [string, Content][] =>
        content === null ? [] : [[text(language, term), content]]
      const ms = (row.micros / 1000).toLocaleString(language, { maximumFractionDigits: 1 })
      const business = call.user.role === 'operator' ? link(`/parties/${row.party_id}`, row.party) : null
      const facts = [
        ...fact('when', momentText(row.at, language)),
        ...fact('business', business),
        ...fact('protocol', PROTOCOL_NAMES[row.protocol]),
        ...fact('request', row.request_id && code(row.request_id)),
        ...fact('status', String(row.status)),
        ...fact('code', row.code && code(row.code)),
        ...fact('message', row.message),
        ...fact('key', row.credential_id && code(row.credential_id)),
        ...fact('address', row.address ?? text(language, 'no-address')),
        ...fact('took-for', text(language, 'ms', { ms })),
      ]
      const heading = pageHeading(html`${PROTOCOL_NAMES[row.protocol]} <code>${row.method} ${row.route}</code>`)
      const body = html`${heading}${explanation(row, language)}<div class="part">${definitionList(facts)}</div><div class="part">${buttonRow(
        linkButton('/console/calls', text(language, 'back')),
      )}</div>`
      return sendConsole(deps, call, { title: text(language, 'one'), place: 'calls', body })
    },
  },
]
