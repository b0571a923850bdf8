import { html } from 'hono/html'
import { isWalletScope } from '../../credentials/scopes.ts'
import { type ConsentView, listConsents } from '../../operations/list-consents.ts'
import { revokeConsent } from '../../operations/revoke-consent.ts'
import { wasConsentOf } from '../../storage/consents.ts'
import {
  button,
  buttonRow,
  type Content,
  definitionList,
  emptyState,
  linkButton,
  notice,
  pageHeading,
} from '../components.ts'
import { consentText } from '../consent/messages.ts'
import { formatTime } from '../format.ts'
import { csrfField, readForm } from '../forms.ts'
import type { Markup } from '../layout.ts'
import type { Language } from '../messages.ts'
import { PageProblem } from '../problem.ts'
import { type PageContext, sessionOf } from '../session.ts'
import { applicationWords as words } from './application-words.ts'
import { sendPage, type WalletPagesDeps } from './page.ts'
import { isUuid } from './uuid.ts'
import { words as common } from './words.ts'

/** `GET /wallet/applications`: who may act for the person, and what. */
export async function showApplications(deps: WalletPagesDeps, c: PageContext): Promise<Response> {
  const language = c.get('language')
  const consents = await listConsents(deps.db, sessionOf(c).partyId)
  const title = words(language, 'title')
  const body = html`${pageHeading(title, { sub: words(language, 'sub') })}
${c.req.query('done') === 'revoked' ? notice('good', words(language, 'revoked')) : ''}
${
  consents.length === 0
    ? emptyState(words(language, 'none'))
    : html`<ul class="cards">${consents.map((consent) => consentCard(consent, language))}</ul>`
}`
  return sendPage(deps, c, { title, place: 'applications', body })
}

function consentCard(consent: ConsentView, language: Language): Markup {
  const name = consent.clientName
  return html`<li class="card"><h2>${name}</h2><p class="id"><code>${consent.clientId}</code></p>
${definitionList(rights(consent, language))}
${buttonRow(linkButton(`/wallet/applications/${consent.id}/revoke`, html`<span aria-hidden="true">${words(language, 'revoke')}</span><span class="heard">${words(language, 'revokeOf', { name })}</span>`))}</li>`
}

function rights({ scopes, wallets, ...consent }: ConsentView, language: Language): [Content, Content][] {
  const { grantedAt, lastUsedAt, expiresAt } = consent
  const plain = scopes.map((scope) => (isWalletScope(scope) ? consentText(language, `scope:${scope}`) : scope))
  return [
    [words(language, 'may'), html`<ul class="plain">${plain.map((text) => html`<li>${text}</li>`)}</ul>`],
    [
      words(language, 'wallets'),
      wallets.length === 0
        ? words(language, 'noWallets')
        : html`<ul class="plain">${wallets.map((id) => html`<li><a href="/wallet/${id}"><code>${id}</code></a></li>`)}</ul>`,
    ],
    [words(language, 'since'), formatTime(grantedAt, language)],
    [words(language, 'lastUsed'), lastUsedAt ? formatTime(lastUsedAt, language) : words(language, 'never')],
    [words(language, 'until'), expiresAt ? formatTime(expiresAt, language) : words(language, 'forever')],
  ]
}

/** `GET /wallet/applications/:id/revoke` */
export async function askToRevokeConsent(deps: WalletPagesDeps, c: PageContext): Promise<Response> {
  const language = c.get('language')
  const consents = await listConsents(deps.db, sessionOf(c).partyId)
  const consent = consents.find(({ id }) => id === c.req.param('id'))
  if (!consent) throw new PageProblem('not-found')
  const title = words(language, 'revokeTitle', { name: consent.clientName })
  const body = html`${pageHeading(title, { sub: words(language, 'revokeSub') })}
<form class="form" method="post" action="/wallet/applications/${consent.id}/revoke">${csrfField(c)}
<div class="receipt">${definitionList(rights(consent, language))}</div>
${buttonRow(button({ label: words(language, 'revokeNow'), kind: 'danger' }), linkButton('/wallet/applications', common(language, 'cancel')))}
</form>`
  return sendPage(deps, c, { title, place: 'applications', body })
}

/** `POST` to the same. Sent twice, it ends alike: what was withdrawn before is withdrawn. */
export async function revokeApplication(deps: WalletPagesDeps, c: PageContext): Promise<Response> {
  await readForm(c)
  const consent = { id: c.req.param('id') ?? '', partyId: sessionOf(c).partyId }
  const known = isUuid(consent.id) && ((await revokeConsent(deps, consent)) || (await wasConsentOf(deps.db, consent)))
  if (!known) throw new PageProblem('not-found')
  return c.redirect('/wallet/applications?done=revoked', 303)
}
