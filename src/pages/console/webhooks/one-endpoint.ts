import { html } from 'hono/html'
import { OperationRefusal } from '../../../operations/input.ts'
import { changeEndpoint } from '../../../operations/webhooks/change-endpoint.ts'
import { deleteEndpoint } from '../../../operations/webhooks/delete-endpoint.ts'
import { requireEndpoint } from '../../../operations/webhooks/endpoint-input.ts'
import { replayFailed } from '../../../operations/webhooks/replay-deliveries.ts'
import { rotateWebhookSecret } from '../../../operations/webhooks/rotate-webhook-secret.ts'
import { sendTestEvent } from '../../../operations/webhooks/send-test-event.ts'
import { searchDeliveries } from '../../../storage/delivery-listings.ts'
import type { WebhookEndpoint } from '../../../storage/webhook-endpoints.ts'
import { button, definitionList, emptyState, field, linkButton, pageHeading, section, table } from '../../components.ts'
import { formatTime, timeText } from '../../format.ts'
import { csrfField } from '../../forms.ts'
import type { Markup } from '../../layout.ts'
import { attempt, doneNotice, errorOf, found, goTo, ownParty, type Refused, sendForm } from '../act-form.ts'
import { compromisedLink } from '../compromise/link.ts'
import { sendConsole } from '../frame.ts'
import { readMoment } from '../moment.ts'
import { type ConsoleCall, type ConsoleDeps, type ConsoleRoute, EVERYONE, type Role } from '../route.ts'
import { secretWarnings, sendSecrets } from '../secrets.ts'
import { deliveryColumns } from './deliveries.ts'
import { endpointFields, readEndpointForm } from './endpoint-form.ts'
import { stateMark } from './endpoints.ts'
import { webhookWords as words } from './words.ts'

const WORKERS: readonly Role[] = ['operator', 'owner', 'member']
const KEEPERS: readonly Role[] = ['operator', 'owner']

const one = (deps: ConsoleDeps, call: ConsoleCall): Promise<WebhookEndpoint> =>
  found(requireEndpoint(deps.db, call.param('id'), { partyId: ownParty(call) }))

/** A form of one button, for what is neither dangerous nor asks for anything. */
const press = (call: ConsoleCall, path: string, label: string): Markup =>
  html`<form method="post" action="/console${path}">${csrfField(call.c)}${button({ label, kind: 'quiet' })}</form>`

async function show(deps: ConsoleDeps, call: ConsoleCall, refusal: Refused | null = null): Promise<Response> {
  const { language, user, query } = call
  const endpoint = await one(deps, call)
  const { id, url, topics, note } = endpoint
  const deliveries = await searchDeliveries(deps.db, { receivers: [id], limit: 10 })
  const on = endpoint.disabled_at === null
  const path = `/webhooks/${id}`
  const [works, keeps] = [WORKERS.includes(user.role), KEEPERS.includes(user.role)]
  const buttons = html`<div class="buttons">${works ? linkButton(`/console${path}/edit`, words(language, 'edit')) : ''}${
    works && on ? press(call, `${path}/test`, words(language, 'test')) : ''
  }${works ? press(call, `${path}/${on ? 'disable' : 'enable'}`, words(language, on ? 'disable' : 'enable')) : ''}${
    keeps
      ? html`${linkButton(`/console${path}/rotate`, words(language, 'rotate'))}${compromisedLink(language, 'webhook', id)}`
      : ''
  }${keeps ? linkButton(`/console${path}/delete`, words(language, 'delete')) : ''}</div>`
  const replay = html`<form class="filters" method="post" action="/console${path}/replay">${csrfField(call.c)}${field({
    name: 'since',
    type: 'datetime-local',
    label: words(language, 'from'),
    error: errorOf(call, refusal, 'since'),
  })}${button({ label: words(language, 'replay-now'), kind: 'quiet' })}</form>`
  const body = html`${pageHeading(url, { sub: stateMark(endpoint, language) })}${doneNotice(call, {
    saved: words(language, 'done-saved'),
    enabled: words(language, 'done-enabled'),
    disabled: words(language, 'done-disabled'),
    replayed: words(language, 'done-replayed', { count: Number(query.get('count')) || 0 }),
  })}
${definitionList([
  [words(language, 'topics'), html`<code>${topics.join(', ')}</code>`],
  [words(language, 'note'), note ?? '—'],
  [words(language, 'since'), formatTime(endpoint.created_at, language)],
  [words(language, 'party'), html`<code>${endpoint.party_id}</code>`],
  ['Id', html`<code>${id}</code>`],
])}${buttons}
${section(
  'newest',
  words(language, 'newest'),
  deliveries.length === 0
    ? emptyState(words(language, 'none-told'))
    : html`${table(words(language, 'newest'), deliveryColumns(call, { receiver: false }), deliveries)}<div class="buttons pager">${linkButton(
        `/console/deliveries?receiver=${id}`,
        words(language, 'all'),
      )}</div>`,
)}${works && on ? section('replay', words(language, 'replay'), replay, { sub: words(language, 'replay-sub') }) : ''}${secretWarnings(language)}`
  return sendConsole(deps, call, { title: url, place: 'webhooks', body, ...(refusal !== null && { status: 422 }) })
}

async function askEdit(deps: ConsoleDeps, call: ConsoleCall, refusal: Refused | null = null): Promise<Response> {
  const endpoint = await one(deps, call)
  const { language, form } = call
  const values = form.size > 0 ? readEndpointForm(call) : { ...endpoint, note: endpoint.note ?? '' }
  return sendForm(deps, call, {
    title: words(language, 'edit-title'),
    sub: endpoint.url,
    place: 'webhooks',
    path: `/webhooks/${endpoint.id}/edit`,
    back: `/webhooks/${endpoint.id}`,
    fields: endpointFields(call, values, refusal),
    names: ['url', 'topics', 'note'],
    submit: words(language, 'edit'),
    password: true,
    refusal,
  })
}

async function edit(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { id } = await one(deps, call)
  const change = readEndpointForm(call)
  const tried = await attempt(() => deps.db.transaction((db) => changeEndpoint({ ...deps, db }, id, change)))
  if (!tried.done) return askEdit(deps, call, tried.refusal)
  call.note({ url: change.url, topics: change.topics.join(' ') })
  return goTo(call, `/webhooks/${id}?done=saved`)
}

const setEnabled =
  (enabled: boolean) =>
  async (deps: ConsoleDeps, call: ConsoleCall): Promise<Response> => {
    const { id } = await one(deps, call)
    await deps.db.transaction((db) => changeEndpoint({ ...deps, db }, id, { enabled }))
    return goTo(call, `/webhooks/${id}?done=${enabled ? 'enabled' : 'disabled'}`)
  }

async function askRotate(deps: ConsoleDeps, call: ConsoleCall, refusal: Refused | null = null): Promise<Response> {
  const { language, form } = call
  const { id, url } = await one(deps, call)
  return sendForm(deps, call, {
    title: words(language, 'rotate-title'),
    sub: url,
    place: 'webhooks',
    path: `/webhooks/${id}/rotate`,
    back: `/webhooks/${id}`,
    effects: [words(language, 'rotate-effect'), words(language, 'rotate-overlap')],
    fields: field({
      name: 'hours',
      type: 'number',
      label: words(language, 'overlap'),
      hint: words(language, 'overlap-hint'),
      value: form.get('hours') ?? '24',
      inputmode: 'numeric',
      error: errorOf(call, refusal, 'overlap_seconds'),
    }),
    names: ['overlap_seconds'],
    submit: words(language, 'rotate'),
    danger: true,
    password: true,
    refusal,
  })
}

async function rotate(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language, form } = call
  const { id, url } = await one(deps, call)
  const hours = form.get('hours')?.trim() ?? ''
  const overlapSeconds = /^\d{1,4}$/.test(hours) ? Number(hours) * 3600 : Number.NaN
  const tried = await attempt(() =>
    deps.db.transaction((db) => rotateWebhookSecret({ ...deps, db }, { id, overlapSeconds })),
  )
  if (!tried.done) return askRotate(deps, call, tried.refusal)
  call.note({ overlap_seconds: overlapSeconds })
  return sendSecrets(deps, call, {
    title: words(language, 'rotate-title'),
    sub: words(language, 'rotated-sub', { time: `${timeText(tried.value.overlapEndsAt, language)} UTC` }),
    place: 'webhooks',
    back: `/webhooks/${id}`,
    secrets: [{ label: words(language, 'secret'), hint: url, value: tried.value.secret }],
  })
}

async function askDelete(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language } = call
  const { id, url } = await one(deps, call)
  return sendForm(deps, call, {
    title: words(language, 'delete-title'),
    sub: url,
    place: 'webhooks',
    path: `/webhooks/${id}/delete`,
    back: `/webhooks/${id}`,
    effects: [words(language, 'delete-effect'), words(language, 'delete-waiting'), words(language, 'delete-log')],
    submit: words(language, 'delete'),
    danger: true,
    password: true,
  })
}

async function remove(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { id } = await one(deps, call)
  await deps.db.transaction((db) => deleteEndpoint({ ...deps, db }, { id }))
  return goTo(call, '/webhooks?done=deleted')
}

async function test(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { id } = await one(deps, call)
  const tried = await attempt(() => deps.db.transaction((db) => sendTestEvent({ ...deps, db }, { id })))
  return tried.done ? goTo(call, `/deliveries/${tried.value}`) : show(deps, call, tried.refusal)
}

async function replay(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { id } = await one(deps, call)
  const since = readMoment(call.form.get('since'))
  if (!since) return show(deps, call, new OperationRefusal('invalid_input', 'since', 'is no moment'))
  const tried = await attempt(() => deps.db.transaction((db) => replayFailed({ ...deps, db }, { id, since })))
  if (!tried.done) return show(deps, call, tried.refusal)
  call.note({ since: since.toISOString(), replayed: tried.value })
  return goTo(call, `/webhooks/${id}?done=replayed&count=${tried.value}`)
}

const path = '/webhooks/:id'
export const oneEndpointRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path, who: EVERYONE, handle: (deps, call) => show(deps, call) },
  { method: 'get', path: `${path}/edit`, who: WORKERS, handle: (deps, call) => askEdit(deps, call) },
  { method: 'post', path: `${path}/edit`, who: WORKERS, act: 'webhook.edit', dangerous: true, handle: edit },
  { method: 'post', path: `${path}/enable`, who: WORKERS, act: 'webhook.enable', handle: setEnabled(true) },
  { method: 'post', path: `${path}/disable`, who: WORKERS, act: 'webhook.disable', handle: setEnabled(false) },
  { method: 'post', path: `${path}/test`, who: WORKERS, act: 'webhook.test', handle: test },
  { method: 'post', path: `${path}/replay`, who: WORKERS, act: 'webhook.replay', handle: replay },
  { method: 'get', path: `${path}/rotate`, who: KEEPERS, handle: (deps, call) => askRotate(deps, call) },
  {
    method: 'post',
    path: `${path}/rotate`,
    who: KEEPERS,
    act: 'webhook.rotate-secret',
    dangerous: true,
    handle: rotate,
  },
  { method: 'get', path: `${path}/delete`, who: KEEPERS, handle: askDelete },
  { method: 'post', path: `${path}/delete`, who: KEEPERS, act: 'webhook.delete', dangerous: true, handle: remove },
]
