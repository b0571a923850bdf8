import { html } from 'hono/html'
import { showTransactionToken } from '../../operations/issue-transaction-token.ts'
import { findTransactionToken, type TransactionTokenView } from '../../operations/list-transaction-tokens.ts'
import { revokeTransactionToken } from '../../operations/revoke-transaction-token.ts'
import { findHolders, type Holder } from '../../storage/holders.ts'
import {
  button,
  buttonRow,
  type Content,
  definitionList,
  linkButton,
  notice,
  pageHeading,
  section,
} from '../components.ts'
import { formatMoney, formatTime } from '../format.ts'
import { csrfField, readForm } from '../forms.ts'
import type { Markup } from '../layout.ts'
import type { Language } from '../messages.ts'
import { PageProblem } from '../problem.ts'
import { type PageContext, sessionOf } from '../session.ts'
import { attempt, isOpen, makeKey, requireKey, statusOf } from './attempt.ts'
import { explainFailure } from './failure-words.ts'
import { handoverWords as words } from './handover-words.ts'
import { sendPage, type WalletPagesDeps } from './page.ts'
import { qrCode } from './qr.ts'
import { stateMark } from './state-mark.ts'
import { redeemLink } from './token-deps.ts'
import { isUuid } from './uuid.ts'
import { words as common } from './words.ts'

type Names = ReadonlyMap<string, Holder>

async function requireHandover({ db }: WalletPagesDeps, c: PageContext): Promise<TransactionTokenView> {
  const id = c.req.param('id') ?? ''
  const token = isUuid(id) ? await findTransactionToken(db, sessionOf(c).partyId, id) : undefined
  if (!token) throw new PageProblem('not-found')
  return token
}

/** `GET /wallet/handovers/:id`: its state, and while it waits the link to give away. Only who made it gets here. */
export async function showHandover(deps: WalletPagesDeps, c: PageContext): Promise<Response> {
  const language = c.get('language')
  const handover = await requireHandover(deps, c)
  const { id, status, endpoint, source, target, usedBy } = handover
  const names = await findHolders(
    deps.db,
    [source, target].flatMap((wallet) => wallet ?? []),
  )
  const title = words(language, 'handoverOf', { amount: formatMoney(handover.amount, handover.asset, language) })
  const own = endpoint === 'charges' ? source : target
  const actions: Markup[] = []
  if (status === 'open') actions.push(linkButton(`/wallet/handovers/${id}/revoke`, words(language, 'revoke')))
  if (usedBy && own)
    actions.push(linkButton(`/wallet/${own}/transactions/${usedBy}`, words(language, 'receipt'), 'primary'))
  const body = html`${pageHeading(title, { sub: stateMark(status, words(language, `state:${status}`)) })}
${status === 'revoked' && c.req.query('done') === 'revoked' ? notice('good', words(language, 'revoked')) : ''}
${status === 'open' ? await share(deps, c, handover, names) : ''}
<div class="receipt">${definitionList(facts(handover, names, language))}</div>
${buttonRow(...actions, linkButton('/wallet/handovers', words(language, 'all')))}`
  return sendPage(deps, c, { title, place: 'handovers', body, script: 'copy.js' })
}

/** The token, signed anew for its owner each time: nothing keeps it. */
async function share(
  deps: WalletPagesDeps,
  c: PageContext,
  { id, endpoint, audience }: TransactionTokenView,
  names: Names,
): Promise<Markup> {
  const language = c.get('language')
  const { partyId } = sessionOf(c)
  const shown = await showTransactionToken({ db: deps.db, keys: deps.oauth.keys }, { partyId, id })
  if (!shown) throw new PageProblem('not-found')
  const link = redeemLink(deps, c, shown.token)
  const warning = audience
    ? words(language, 'shareNamed', { name: names.get(audience)?.name ?? audience })
    : words(language, 'shareAnyone')
  return section(
    'share',
    words(language, 'shareTitle'),
    html`<div class="share"><div class="share-text"><p>${warning}</p>
${endpoint === 'charges' ? html`<p class="hint">${words(language, 'notHeld')}</p>` : ''}
<p class="share-link"><code id="link" tabindex="0" aria-label="${words(language, 'link')}">${link}</code></p>
<p><button class="quiet" type="button" data-copy="link" hidden>${words(language, 'copy')}</button></p></div>
${await qrCode(link, words(language, 'qr'))}</div>`,
  )
}

function facts(handover: TransactionTokenView, names: Names, language: Language): [Content, Content][] {
  const named = (id: string | null) =>
    id === null ? words(language, 'anyone') : html`${names.get(id)?.name ?? ''} <code>${id}</code>`
  const list: [Content, Content][] = [
    [words(language, 'amount'), formatMoney(handover.amount, handover.asset, language)],
    [words(language, 'from'), named(handover.source)],
    [words(language, 'to'), named(handover.target)],
  ]
  if (handover.description) list.push([common(language, 'description'), handover.description])
  list.push([words(language, 'issuedAt'), formatTime(handover.issuedAt, language)])
  list.push([words(language, 'until'), formatTime(handover.expiresAt, language)])
  return list
}

/** `GET /wallet/handovers/:id/revoke` */
export async function askToRevokeHandover(deps: WalletPagesDeps, c: PageContext): Promise<Response> {
  const handover = await requireHandover(deps, c)
  if (handover.status !== 'open') return c.redirect(`/wallet/handovers/${handover.id}`, 303)
  return revokePage(deps, c, handover, makeKey())
}

/** `POST` to the same */
export async function revokeHandover(deps: WalletPagesDeps, c: PageContext): Promise<Response> {
  const { partyId } = sessionOf(c)
  const key = requireKey(await readForm(c))
  const handover = await requireHandover(deps, c)
  const ask = { actor: `person:${partyId}`, key, partyId, id: handover.id }
  const result = await attempt(() => revokeTransactionToken(deps, ask))
  if (result.accepted) return c.redirect(`/wallet/handovers/${handover.id}?done=revoked`, 303)
  const { text } = explainFailure(result.code, c.get('language'))
  const next = isOpen(result.code) ? key : makeKey()
  return revokePage(deps, c, handover, next, { text, status: statusOf(result.code) })
}

async function revokePage(
  deps: WalletPagesDeps,
  c: PageContext,
  handover: TransactionTokenView,
  key: string,
  problem?: { text: string; status: 422 | 503 },
): Promise<Response> {
  const language = c.get('language')
  const wallets = [handover.source, handover.target].flatMap((wallet) => wallet ?? [])
  const names = await findHolders(deps.db, wallets)
  const title = words(language, 'revokeTitle')
  const path = `/wallet/handovers/${handover.id}`
  const body = html`${pageHeading(title, { sub: words(language, 'revokeSub') })}
${problem ? notice('bad', problem.text) : ''}
<form class="form" method="post" action="${path}/revoke">${csrfField(c)}<input type="hidden" name="key" value="${key}">
<div class="receipt">${definitionList(facts(handover, names, language))}</div>
${buttonRow(button({ label: words(language, 'revoke'), kind: 'danger' }), linkButton(path, common(language, 'cancel')))}
</form>`
  return sendPage(deps, c, { title, place: 'handovers', body, ...(problem && { status: problem.status }) })
}
