import { html } from 'hono/html'
import { changeMerchant } from '../../../operations/purchases/change-merchant.ts'
import { listMerchantKeys, type MerchantKeyListing } from '../../../storage/merchant-keys.ts'
import { disableMerchant, type Merchant } from '../../../storage/merchants.ts'
import { type Column, definitionList, emptyState, linkButton, pageHeading, section, table } from '../../components.ts'
import { formatTime } from '../../format.ts'
import type { Markup } from '../../layout.ts'
import { attempt, doneNotice, goTo, type Refused, sendForm } from '../act-form.ts'
import { compromisedLink } from '../compromise/link.ts'
import { sendConsole } from '../frame.ts'
import { type ConsoleCall, type ConsoleDeps, type ConsoleRoute, EVERYONE, OPERATORS } from '../route.ts'
import { secretWarnings } from '../secrets.ts'
import { KEEPERS, oneMerchant } from './find.ts'
import { readSettings, SETTING_NAMES, settingFields } from './merchant-form.ts'
import { merchantMark } from './merchants.ts'
import { planSection } from './plans.ts'
import { merchantWords as words } from './words.ts'

async function show(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language, user } = call
  const merchant = await oneMerchant(deps, call)
  const { id: merchantId, companyId, disabledAt } = merchant
  const keys = await listMerchantKeys(deps.db, { merchantId, companyId })
  const path = `/console/merchants/${merchantId}`
  const keeps = KEEPERS.includes(user.role) && disabledAt === null
  const buttons = html`<div class="buttons pager">${linkButton(`/console/purchases?merchant=${merchant.uid}`, words(language, 'purchases'))}${
    keeps
      ? html`${linkButton(`${path}/edit`, words(language, 'edit'))}${linkButton(`${path}/secret`, words(language, 'show-secret'))}${linkButton(
          `${path}/rotate-secret`,
          words(language, 'rotate-secret'),
        )}${compromisedLink(language, 'merchant', merchantId)}`
      : ''
  }${keeps && user.role === 'operator' ? linkButton(`${path}/disable`, words(language, 'disable')) : ''}</div>`
  const addKey = keeps
    ? html`<div class="buttons pager">${linkButton(`${path}/new-key`, words(language, 'add-key'))}</div>`
    : ''
  const body = html`${pageHeading(merchant.name, { sub: merchantMark(disabledAt, language) })}${doneNotice(call, {
    saved: words(language, 'done-saved'),
    plan: words(language, 'done-plan'),
    revoked: words(language, 'done-revoked'),
    disabled: words(language, 'done-disabled'),
  })}${facts(call, merchant)}${buttons}
${planSection(call, merchant)}
${section(
  'keys',
  words(language, 'keys'),
  html`${keys.length === 0 ? emptyState(words(language, 'no-keys')) : table(words(language, 'keys'), keyColumns(call, merchant, keeps), keys)}${addKey}`,
  { sub: words(language, 'keys-sub') },
)}${secretWarnings(language)}`
  return sendConsole(deps, call, { title: merchant.name, place: 'merchants', body })
}

function facts({ language }: ConsoleCall, merchant: Merchant): Markup {
  const yes = (it: boolean) => words(language, it ? 'yes' : 'no')
  return definitionList([
    ['Uid', html`<code>${merchant.uid}</code>`],
    [words(language, 'wallet'), html`<code>${merchant.wallet.explicitId}</code>`],
    [words(language, 'party'), html`<code>${merchant.partyId}</code>`],
    [words(language, 'company'), merchant.companyId === null ? '—' : html`<code>cmp_${merchant.companyId}</code>`],
    [words(language, 'financing'), yes(merchant.financing !== null)],
    [words(language, 'signature'), yes(merchant.requiresSignature)],
    [words(language, 'manual'), yes(merchant.manualCapture)],
    [words(language, 'link'), String(merchant.linkSeconds)],
    [words(language, 'payment'), merchant.paymentNotificationUrl ?? '—'],
    [words(language, 'error'), merchant.errorNotificationUrl ?? '—'],
    [words(language, 'hosts'), merchant.redirectHosts.join(', ') || '—'],
    [words(language, 'created'), formatTime(merchant.createdAt, language)],
  ])
}

function keyColumns({ language }: ConsoleCall, { id }: Merchant, keeps: boolean): Column<MerchantKeyListing>[] {
  return [
    { label: words(language, 'key'), cell: ({ key }) => html`<code>${key}</code>` },
    {
      label: words(language, 'key-of'),
      cell: ({ merchantId }) => words(language, merchantId === null ? 'of-company' : 'of-merchant'),
    },
    { label: words(language, 'created'), cell: ({ createdAt }) => formatTime(createdAt, language) },
    {
      label: words(language, 'state'),
      cell: ({ revokedAt }) =>
        html`<span class="tag ${revokedAt ? 'bad' : 'good'}">${words(language, revokedAt ? 'revoked' : 'live')}</span>`,
    },
    ...(keeps
      ? [
          {
            label: '',
            cell: ({ id: key, revokedAt }: MerchantKeyListing) =>
              revokedAt
                ? ''
                : html`<a href="/console/merchants/${id}/keys/${key}">${words(language, 'revoke-key')}</a> · <a href="/console/compromise/answer/merchant-key/${key}">${words(language, 'key-compromised')}</a>`,
          },
        ]
      : []),
  ]
}

async function askEdit(deps: ConsoleDeps, call: ConsoleCall, refusal: Refused | null = null): Promise<Response> {
  const { language } = call
  const merchant = await oneMerchant(deps, call)
  return sendForm(deps, call, {
    title: words(language, 'settings'),
    sub: merchant.name,
    place: 'merchants',
    path: `/merchants/${merchant.id}/edit`,
    back: `/merchants/${merchant.id}`,
    fields: settingFields(call, merchant, refusal),
    names: SETTING_NAMES,
    submit: words(language, 'edit'),
    password: true,
    refusal,
  })
}

async function edit(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const merchant = await oneMerchant(deps, call)
  const change = readSettings(call)
  const tried = await attempt(() => changeMerchant(deps.db, merchant, change))
  if (!tried.done) return askEdit(deps, call, tried.refusal)
  call.note({
    name: change.name,
    requires_signature: change.requiresSignature,
    manual_capture: change.manualCapture,
    payment_notification_url: change.paymentNotificationUrl,
    redirect_hosts: change.redirectHosts.join(' '),
  })
  return goTo(call, `/merchants/${merchant.id}?done=saved`)
}

async function askDisable(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language } = call
  const { id, name } = await oneMerchant(deps, call)
  return sendForm(deps, call, {
    title: words(language, 'disable-title', { name }),
    place: 'merchants',
    path: `/merchants/${id}/disable`,
    back: `/merchants/${id}`,
    effects: [words(language, 'disable-effect'), words(language, 'disable-forever')],
    submit: words(language, 'disable'),
    danger: true,
    password: true,
  })
}

async function disable(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { id } = await oneMerchant(deps, call)
  await disableMerchant(deps.db, id)
  return goTo(call, `/merchants/${id}?done=disabled`)
}

const path = '/merchants/:id'
export const oneMerchantRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path, who: EVERYONE, handle: show },
  { method: 'get', path: `${path}/edit`, who: KEEPERS, handle: (deps, call) => askEdit(deps, call) },
  { method: 'post', path: `${path}/edit`, who: KEEPERS, act: 'merchant.edit', dangerous: true, handle: edit },
  { method: 'get', path: `${path}/disable`, who: OPERATORS, handle: askDisable },
  {
    method: 'post',
    path: `${path}/disable`,
    who: OPERATORS,
    act: 'merchant.disable',
    dangerous: true,
    handle: disable,
  },
]
