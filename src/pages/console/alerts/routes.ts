import { html } from 'hono/html'
import { formatAmount } from '../../../domain/money.ts'
import { alertText } from '../../../mail/alert-words.ts'
import { watchFloat } from '../../../operations/alerts/set-float-alert.ts'
import {
  type AlertRow,
  listClearedAlerts,
  listOpenAlerts,
  listWatchedFloats,
  type WatchedFloat,
} from '../../../storage/alerts.ts'
import {
  button,
  type Column,
  emptyState,
  field,
  heard,
  linkButton,
  pageHeading,
  section,
  table,
} from '../../components.ts'
import { formatMoney, formatTime } from '../../format.ts'
import { csrfField } from '../../forms.ts'
import type { Markup } from '../../layout.ts'
import { PageProblem } from '../../problem.ts'
import { attempt, doneNotice, goTo, type Refused } from '../act-form.ts'
import { amountText } from '../amount-text.ts'
import { sendConsole } from '../frame.ts'
import { type ConsoleCall, type ConsoleDeps, type ConsoleRoute, OPERATORS } from '../route.ts'
import { alertPageText as text } from './words.ts'

const SHOWN_CLEARED = 50

/** What operators are told of, and floats to be told of. */
export const alertRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/alerts', who: OPERATORS, handle: (deps, call) => showAlerts(deps, call) },
  { method: 'post', path: '/alerts/floats', who: OPERATORS, act: 'alert.watch-float', handle: saveFloat },
]

async function saveFloat(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const wallet = call.form.get('wallet') ?? ''
  const below = amountText(call.form.get('below') ?? '', call.language)
  const tried = await attempt(() => watchFloat(deps.db, wallet, below))
  if (!tried.done) {
    if (tried.refusal.code === 'not_found') throw new PageProblem('not-found')
    return showAlerts(deps, call, { wallet, value: call.form.get('below') ?? '', refusal: tried.refusal })
  }
  const { partner, currency } = tried.value
  call.note({ partner, currency, below: below || null })
  return goTo(call, '/alerts?done=float')
}

type Wrong = { wallet: string; value: string; refusal: Refused }

async function showAlerts(deps: ConsoleDeps, call: ConsoleCall, wrong: Wrong | null = null): Promise<Response> {
  const { language } = call
  const { db } = deps
  const [open, cleared, floats] = await Promise.all([
    listOpenAlerts(db),
    listClearedAlerts(db, SHOWN_CLEARED),
    listWatchedFloats(db),
  ])
  const say = (key: Parameters<typeof text>[1]) => text(language, key)
  const now = open.length === 0 ? emptyState(say('all-well')) : table(say('open'), alertColumns(call, false), open)
  const over =
    cleared.length === 0 ? emptyState(say('none-cleared')) : table(say('cleared'), alertColumns(call, true), cleared)
  const body = html`${pageHeading(say('title'), { sub: say('sub') })}${doneNotice(call, { float: say('done-float') })}
<p class="sub">${say('yours')} <a href="/account/data">${say('your-mails')}</a></p>
${section('open', say('open'), now)}
${section('floats', say('floats'), floatsView(call, floats, wrong), { sub: say('floats-sub') })}
${section('cleared', say('cleared'), over, { sub: say('cleared-sub') })}`
  return sendConsole(deps, call, { title: say('title'), place: 'alerts', body, ...(wrong && { status: 422 }) })
}

/** Where one sees more of it. */
const PLACES: Partial<Record<AlertRow['kind'], string>> = {
  'float-low': '/console/partners',
  'stock-low': '/console/stock',
  'audit-findings': '/console/books',
  'journal-mismatch': '/console/books',
  'deliveries-failing': '/console/webhooks',
}

function alertColumns({ language }: ConsoleCall, over: boolean): Column<AlertRow>[] {
  const what = (alert: AlertRow): Markup | string => {
    const words = alertText(language, alert)
    const place = PLACES[alert.kind]
    return place === undefined ? words : html`<a href="${place}">${words}</a>`
  }
  return [
    { label: text(language, 'what'), cell: what },
    { label: text(language, 'since'), cell: ({ raised_at }) => formatTime(raised_at, language) },
    ...(over
      ? [
          {
            label: text(language, 'until'),
            cell: ({ cleared_at }: AlertRow) => (cleared_at ? formatTime(cleared_at, language) : ''),
          },
        ]
      : []),
    { label: text(language, 'mailed'), cell: ({ mailed }) => text(language, mailed ? 'yes' : 'no') },
  ]
}

function floatsView(call: ConsoleCall, floats: readonly WatchedFloat[], wrong: Wrong | null): Markup {
  const { language } = call
  if (floats.length === 0)
    return emptyState(text(language, 'no-floats'), linkButton('/console/partners', text(language, 'float')))
  const columns: Column<WatchedFloat>[] = [
    { label: text(language, 'float'), cell: ({ partner, currency }) => `${partner} ${currency}` },
    {
      label: text(language, 'available'),
      numeric: true,
      cell: ({ available, currency, exponent }) => formatMoney(available, { code: currency, exponent }, language),
    },
    { label: text(language, 'below'), cell: (float) => floatForm(call, float, wrong) },
  ]
  return table(text(language, 'floats'), columns, floats)
}

function floatForm(
  call: ConsoleCall,
  { wallet_id, partner, currency, exponent, below }: WatchedFloat,
  wrong: Wrong | null,
) {
  const { language, c } = call
  const mine = wrong?.wallet === String(wallet_id) ? wrong : null
  const amount = below === null ? '' : formatAmount(below, exponent)
  const values = { partner, currency }
  return html`<form class="row-form" method="post" action="/console/alerts/floats">${csrfField(c)}<input type="hidden" name="wallet" value="${String(wallet_id)}">${field(
    {
      name: 'below',
      id: `below-${wallet_id}`,
      label: heard(text(language, 'below-of', values)),
      required: false,
      inputmode: 'decimal',
      maxlength: 30,
      value: mine?.value ?? (language === 'fr' ? amount.replace('.', ',') : amount),
      ...(mine && { error: text(language, 'wrong-amount') }),
    },
  )}${button({
    label: html`<span aria-hidden="true">${text(language, 'save')}</span>${heard(text(language, 'save-of', values))}`,
    kind: 'quiet',
  })}</form>`
}
