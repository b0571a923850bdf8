import { html } from 'hono/html'
import { issueTransactionToken } from '../../operations/issue-transaction-token.ts'
import type { Wallet } from '../../storage/wallets.ts'
import { button, buttonRow, emptyState, field, notice, pageHeading, select } from '../components.ts'
import { csrfField, readForm } from '../forms.ts'
import type { Markup } from '../layout.ts'
import type { Language } from '../messages.ts'
import { type PageContext, sessionOf } from '../session.ts'
import { attempt, isOpen, makeKey, requireKey, statusOf } from './attempt.ts'
import { explainFailure } from './failure-words.ts'
import { handoverWords as words } from './handover-words.ts'
import { sendPage, type WalletPagesDeps } from './page.ts'
import { type Read, readDescription, readMoney, readOtherWallet, readOwnWallet } from './parties.ts'
import { tokenDeps } from './token-deps.ts'
import { listChoices, walletChoice } from './wallet-choices.ts'

const FIELDS = ['kind', 'wallet', 'other', 'amount', 'description', 'lasts'] as const
type FieldName = (typeof FIELDS)[number]
type Draft = Record<FieldName | 'key', string>
type Problems = Map<FieldName | 'form', string>

const HOUR = 3_600_000
/** How long a link may wait; none waits longer than the operation allows. */
const LASTS = { day: 24 * HOUR, hour: HOUR, days: 72 * HOUR, week: 168 * HOUR } as const
const KINDS = ['charges', 'payments'] as const

const isKind = (text: string): text is (typeof KINDS)[number] => (KINDS as readonly string[]).includes(text)
const isLasts = (text: string): text is keyof typeof LASTS => Object.hasOwn(LASTS, text)

/** `GET /wallet/handovers/new` */
export function showNewHandover(deps: WalletPagesDeps, c: PageContext): Promise<Response> {
  return handoverForm(deps, c, { draft: readDraft((name) => c.req.query(name), makeKey()) })
}

/** `POST` to the same: makes the token, once for each form, and leads to its page. */
export async function createHandover(deps: WalletPagesDeps, c: PageContext): Promise<Response> {
  const language = c.get('language')
  const { partyId } = sessionOf(c)
  const form = await readForm(c)
  const draft = readDraft((name) => form.get(name), requireKey(form))
  const read = await check(deps, partyId, draft, language)
  if ('problems' in read) return handoverForm(deps, c, { draft, problems: read.problems, status: 422 })
  const { wallet, other, amount, description, kind, lasts } = read.handover
  const result = await attempt(async () => {
    const issued = await issueTransactionToken(tokenDeps(deps), {
      actor: `person:${partyId}`,
      key: draft.key,
      partyId,
      endpoint: kind,
      source: kind === 'charges' ? wallet : other,
      target: kind === 'charges' ? other : wallet,
      amount,
      ...(description && { description }),
      expiresAt: deps.clock() + LASTS[lasts],
    })
    return { accepted: true, reference: issued.id, at: deps.clock() }
  })
  if (result.accepted) return c.redirect(`/wallet/handovers/${result.reference}`, 303)
  const key = isOpen(result.code) ? draft.key : makeKey()
  const problems: Problems = new Map([['form', explainFailure(result.code, language).text]])
  return handoverForm(deps, c, { draft: { ...draft, key }, problems, status: statusOf(result.code) })
}

function readDraft(text: (name: FieldName) => string | undefined, key: string): Draft {
  const fields = FIELDS.map((name) => [name, (text(name) ?? '').trim()])
  return { ...(Object.fromEntries(fields) as Record<FieldName, string>), key }
}

type Handover = {
  kind: (typeof KINDS)[number]
  wallet: Wallet
  /** null: whoever has the link */
  other: Wallet | null
  amount: bigint
  description: string
  lasts: keyof typeof LASTS
}

async function check(
  { directory }: Pick<WalletPagesDeps, 'directory'>,
  partyId: string,
  draft: Draft,
  language: Language,
): Promise<{ handover: Handover } | { problems: Problems }> {
  const problems: Problems = new Map()
  const take = <T>(name: FieldName, read: Read<T>): T | undefined => {
    if ('ok' in read) return read.ok
    problems.set(name, read.problem)
    return undefined
  }
  const wallet = take('wallet', await readOwnWallet(directory, partyId, draft.wallet, language))
  const anyone: Read<Wallet | null> = { ok: null }
  const other = take<Wallet | null>(
    'other',
    draft.other === '' ? anyone : await readOtherWallet(directory, draft.other, wallet, language),
  )
  const amount = take('amount', readMoney(draft.amount, wallet?.asset, language))
  const description = take('description', readDescription(draft.description, language))
  if (!wallet || other === undefined || amount === undefined || description === undefined) return { problems }
  const kind = isKind(draft.kind) ? draft.kind : 'charges'
  return { handover: { kind, wallet, other, amount, description, lasts: isLasts(draft.lasts) ? draft.lasts : 'day' } }
}

async function handoverForm(
  deps: WalletPagesDeps,
  c: PageContext,
  { draft, problems = new Map(), status = 200 }: { draft: Draft; problems?: Problems; status?: 200 | 422 | 503 },
): Promise<Response> {
  const language = c.get('language')
  const title = words(language, 'newTitle')
  const wallets = await listChoices(deps.db, sessionOf(c).partyId)
  if (wallets.length === 0) {
    const body = html`${pageHeading(title)}${emptyState(words(language, 'noWallet'))}`
    return sendPage(deps, c, { title, place: 'handovers', body })
  }
  const first = FIELDS.find((name) => problems.has(name))
  const about = <Name extends FieldName>(name: Name) => ({
    name,
    label: words(language, name),
    value: draft[name],
    error: problems.get(name),
    autofocus: first === name,
    autocomplete: 'off',
  })
  const lasts = (Object.keys(LASTS) as (keyof typeof LASTS)[])
    .sort((a, b) => LASTS[a] - LASTS[b])
    .map((value) => ({ value, label: words(language, value) }))
  const hint = (name: 'other' | 'amount' | 'description') => ({ hint: words(language, `${name}Hint`) })
  const body = html`${pageHeading(title, { sub: words(language, 'newSub') })}
${problems.size > 0 ? notice('bad', problems.get('form') ?? words(language, 'problems')) : ''}
<form class="form" method="post" action="/wallet/handovers/new">${csrfField(c)}<input type="hidden" name="key" value="${draft.key}">
${kindChoice(isKind(draft.kind) ? draft.kind : 'charges', language)}
${select({ ...about('wallet'), choices: wallets.map((wallet) => walletChoice(wallet, language)) })}
${field({ ...about('other'), ...hint('other'), required: false, spellcheck: false, maxlength: 128 })}
${field({ ...about('amount'), ...hint('amount'), inputmode: 'decimal', maxlength: 30 })}
${field({ ...about('description'), ...hint('description'), required: false, maxlength: 200 })}
${select({ ...about('lasts'), value: isLasts(draft.lasts) ? draft.lasts : 'day', choices: lasts })}
${buttonRow(button({ label: words(language, 'create') }))}
</form>`
  return sendPage(deps, c, { title, place: 'handovers', body, status })
}

function kindChoice(chosen: (typeof KINDS)[number], language: Language): Markup {
  const radio = (value: (typeof KINDS)[number]) => html`<div class="check">
<input type="radio" id="kind-${value}" name="kind" value="${value}" aria-describedby="kind-${value}-hint"${value === chosen ? html` checked` : ''}>
<label for="kind-${value}">${words(language, `kind:${value}`)}<span class="hint" id="kind-${value}-hint">${words(language, `kind:${value}:hint`)}</span></label></div>`
  return html`<fieldset><legend>${words(language, 'kind')}</legend>${KINDS.map(radio)}</fieldset>`
}
