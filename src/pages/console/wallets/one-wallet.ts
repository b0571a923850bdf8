import { html } from 'hono/html'
import { readCourse } from '../../../ledger/balance-course.ts'
import { type RefillPolicyView, showRefillPolicy } from '../../../operations/set-refill-policy.ts'
import { type ConsoleWallet, listChildren, listOpenHolds, type OpenHold } from '../../../storage/console-wallets.ts'
import {
  type Column,
  type Content,
  definitionList,
  emptyState,
  linkButton,
  pageHeading,
  section,
  table,
} from '../../components.ts'
import { formatMoney, formatTime } from '../../format.ts'
import type { Markup } from '../../layout.ts'
import { doneNotice } from '../act-form.ts'
import { chart } from '../chart.ts'
import { sendConsole } from '../frame.ts'
import type { ConsoleCall, ConsoleDeps } from '../route.ts'
import { stateTags } from './list.ts'
import { link, requireConsoleWallet, unitOf } from './parts.ts'
import { newestLines } from './statement.ts'
import { walletText as text } from './words.ts'

const DAY = 86_400_000
const DAYS = 30
const LINES = 10
const HOLDS = 50
const CHILDREN = 50

/** `GET /wallets/:id`: how it stands, its course, what is held, its refills, its newest lines, and what an operator can do with it. */
export async function showWallet(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language, user } = call
  const wallet = await requireConsoleWallet(deps, call)
  const all = user.role === 'operator'
  const [course, holds, children, policy, lines] = await Promise.all([
    courseOf(deps, call, wallet),
    wallet.held === 0n && wallet.upper === null ? [] : listOpenHolds(deps.db, wallet.id, HOLDS),
    listChildren(deps.db, wallet.id, CHILDREN),
    showRefillPolicy(deps, wallet.explicit_id),
    newestLines(deps, call, wallet, LINES),
  ])
  const path = `/wallets/${wallet.explicit_id}`
  const done = doneNotice(call, {
    open: text(language, 'done-open'),
    limits: text(language, 'done-limits'),
    frozen: text(language, 'done-frozen'),
    unfrozen: text(language, 'done-unfrozen'),
    parent: text(language, 'done-parent'),
    refills: text(language, 'done-refills'),
  })
  const body = html`${pageHeading(html`<span class="id">${breakable(wallet.explicit_id)}</span>`, { sub: stateTags(wallet, language) })}${done}
<p class="balance-now">${formatMoney(wallet.balance, unitOf(wallet), language)}</p>
${definitionList(factsOf(call, wallet, children))}${all ? actsOf(wallet, call) : ''}
${section('course', text(language, 'course'), course)}
${section('holds', text(language, 'holds'), holdsView(call, wallet, holds))}
${section('refills', text(language, 'refills'), policyView(call, policy))}
${section('statement', text(language, 'statement'), html`${lines}<div class="buttons pager">${linkButton(`/console${path}/statement`, text(language, 'whole-statement'))}</div>`, { sub: text(language, 'newest') })}`
  return sendConsole(deps, call, { title: wallet.explicit_id, place: 'wallets', body, charts: true })
}

/** A long id may be cut after its colons, where it is narrow. */
const breakable = (id: string) => id.split(':').map((part, index) => html`${index > 0 ? html`:<wbr>` : ''}${part}`)

function factsOf(
  { language, user }: ConsoleCall,
  wallet: ConsoleWallet,
  children: readonly string[],
): [string, Content][] {
  const all = user.role === 'operator'
  const money = (minor: bigint) => formatMoney(minor, unitOf(wallet), language)
  const limit = (minor: bigint | null) => (minor === null ? text(language, 'none') : money(minor))
  const { balance, held, lower, upper, parent } = wallet
  const other = (id: string) => (all ? link(`/wallets/${id}`, html`<code>${id}</code>`) : html`<code>${id}</code>`)
  const facts: [string, Content][] = [
    [text(language, 'owner'), all ? link(`/parties/${wallet.party_id}`, wallet.owner) : wallet.owner],
    [text(language, 'unit'), `${wallet.currency}, ${text(language, 'circle').toLowerCase()} ${wallet.circle}`],
    [text(language, 'available'), lower === null ? text(language, 'unlimited') : money(balance - held - lower)],
    [text(language, 'held'), money(held)],
    [text(language, 'lower'), limit(lower)],
    [
      text(language, 'upper'),
      upper === 0n ? html`${limit(upper)} <small class="soft">${text(language, 'issuing')}</small>` : limit(upper),
    ],
    [text(language, 'parent'), parent === null ? text(language, 'none') : other(parent)],
  ]
  if (children.length > 0) facts.push([text(language, 'children'), html`${children.map((id) => html`${other(id)} `)}`])
  facts.push([text(language, 'opened'), formatTime(wallet.opened_at, language)])
  facts.push([text(language, 'opaque'), html`<code>${wallet.opaque_id}</code>`])
  return facts
}

function actsOf(wallet: ConsoleWallet, { language }: ConsoleCall): Markup | '' {
  if (wallet.status === 2) return ''
  const path = `/console/wallets/${wallet.explicit_id}`
  const acts = [linkButton(`${path}/limits`, text(language, 'change-limits'))]
  acts.push(linkButton(`${path}/freeze`, text(language, wallet.status === 1 ? 'unfreeze' : 'freeze')))
  if (!wallet.kept) {
    acts.push(linkButton(`${path}/parent`, text(language, 'change-parent')))
    if (wallet.parent !== null) acts.push(linkButton(`${path}/refills`, text(language, 'change-refills')))
    if (wallet.upper !== 0n)
      acts.push(linkButton(`/console/funding/new?wallet=${wallet.explicit_id}`, text(language, 'move-money')))
  }
  return html`<div class="buttons acts" role="group" aria-label="${text(language, 'acts')}">${acts}</div>`
}

/** By 31 searches by halves in one statement, whatever the history. */
async function courseOf({ db, clock }: ConsoleDeps, { language }: ConsoleCall, wallet: ConsoleWallet): Promise<Markup> {
  const now = clock()
  const first = Math.floor(now / DAY) * DAY - (DAYS - 1) * DAY
  const starts = Array.from({ length: DAYS }, (_, index) => first + index * DAY)
  const probes = starts.map((start) => ({ account: wallet.id, at: new Date(Math.min(start + DAY - 1, now)) }))
  const points = await readCourse(db, probes)
  return chart({
    id: 'course-chart',
    title: text(language, 'course-title'),
    unit: unitOf(wallet),
    days: starts.map((start) => new Date(start).toISOString().slice(0, 10)),
    series: [{ label: text(language, 'balance'), values: points.map(({ balance }) => balance) }],
    language,
  })
}

function holdsView({ language, user }: ConsoleCall, wallet: ConsoleWallet, holds: readonly OpenHold[]): Markup {
  if (holds.length === 0) return html`<p class="sub">${text(language, 'holds-none')}</p>`
  const columns: Column<OpenHold>[] = [
    { label: text(language, 'until'), cell: ({ expires_at }) => formatTime(expires_at, language) },
    { label: text(language, 'direction'), cell: ({ out }) => text(language, out ? 'hold-out' : 'hold-in') },
    {
      label: text(language, 'other'),
      cell: ({ other }) =>
        other === null
          ? '—'
          : user.role === 'operator'
            ? link(`/wallets/${other}`, html`<code>${other}</code>`)
            : html`<code>${other}</code>`,
    },
    {
      label: text(language, 'amount'),
      numeric: true,
      cell: ({ amount }) => formatMoney(amount, unitOf(wallet), language),
    },
  ]
  return table(text(language, 'holds'), columns, holds)
}

function policyView({ language }: ConsoleCall, { policy, currency }: RefillPolicyView): Markup {
  if (policy === null) return emptyState(text(language, 'refills-none'))
  const amount = (value: number | string) => `${currency} ${value}`
  return definitionList([
    [text(language, 'per-refill'), amount(policy.per_refill)],
    [text(language, 'per-period'), amount(policy.per_period)],
    [text(language, 'period'), text(language, 'period-value', { seconds: policy.period_seconds })],
    [text(language, 'used'), amount(policy.used)],
    [text(language, 'period-ends'), formatTime(new Date(policy.period_ends_at), language)],
  ])
}
