import { html } from 'hono/html'
import {
  changeJackpotAccount,
  requireJackpotAccount,
  rotateClientSecretOf,
} from '../../../operations/jackpot/jackpot-account.ts'
import { definitionList, linkButton, pageHeading } from '../../components.ts'
import { formatTime } from '../../format.ts'
import { attempt, doneNotice, found, goTo, type Refused, requireOwn, sendForm } from '../act-form.ts'
import { compromisedLink } from '../compromise/link.ts'
import { sendConsole } from '../frame.ts'
import { type ConsoleCall, type ConsoleDeps, type ConsoleRoute, EVERYONE, type Role } from '../route.ts'
import { secretWarnings, sendSecrets } from '../secrets.ts'
import { jackpotMark } from './accounts.ts'
import { readSettings, SETTING_NAMES, settingFields } from './settings.ts'
import { jackpotWords as words } from './words.ts'

const KEEPERS: readonly Role[] = ['operator', 'owner']

async function one(deps: ConsoleDeps, call: ConsoleCall) {
  const known = await found(requireJackpotAccount(deps.db, call.param('id')))
  requireOwn(call, known.partner.partyId)
  return known
}

async function show(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language, user } = call
  const { partner, account } = await one(deps, call)
  const path = `/console/jackpot-accounts/${partner.id}`
  const buttons = html`<div class="buttons pager">${linkButton(`${path}/edit`, words(language, 'edit'))}${linkButton(
    `${path}/rotate-secret`,
    words(language, 'rotate'),
  )}${compromisedLink(language, 'jackpot-account', partner.id)}</div>`
  const body = html`${pageHeading(partner.slug, { sub: jackpotMark(partner.disabledAt, language) })}${doneNotice(call, {
    saved: words(language, 'done-saved'),
  })}${definitionList([
    [words(language, 'currency'), account.asset.code],
    [words(language, 'domains'), account.allowedDomains.join(', ') || '—'],
    [words(language, 'notify'), account.notificationUrl ?? '—'],
    [words(language, 'confirmation'), words(language, account.confirmation)],
    [words(language, 'callback'), account.callbackUrl ?? '—'],
    [words(language, 'created'), formatTime(account.createdAt, language)],
    [words(language, 'updated'), formatTime(account.updatedAt, language)],
    [words(language, 'party'), html`<code>${partner.partyId}</code>`],
  ])}${KEEPERS.includes(user.role) && partner.disabledAt === null ? buttons : ''}${secretWarnings(language)}`
  return sendConsole(deps, call, { title: partner.slug, place: 'jackpot-accounts', body })
}

async function askEdit(deps: ConsoleDeps, call: ConsoleCall, refusal: Refused | null = null): Promise<Response> {
  const { language } = call
  const { partner, account } = await one(deps, call)
  return sendForm(deps, call, {
    title: words(language, 'edit'),
    sub: partner.slug,
    place: 'jackpot-accounts',
    path: `/jackpot-accounts/${partner.id}/edit`,
    back: `/jackpot-accounts/${partner.id}`,
    fields: settingFields(call, account, refusal),
    names: SETTING_NAMES,
    submit: words(language, 'edit'),
    password: true,
    refusal,
  })
}

async function edit(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { partner } = await one(deps, call)
  const change = readSettings(call)
  const tried = await attempt(() => changeJackpotAccount(deps, partner.id, change))
  if (!tried.done) return askEdit(deps, call, tried.refusal)
  call.note({
    domains: change.allowedDomains.join(' '),
    notification_url: change.notificationUrl,
    confirmation: change.confirmation,
  })
  return goTo(call, `/jackpot-accounts/${partner.id}?done=saved`)
}

async function askRotate(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language } = call
  const { partner } = await one(deps, call)
  return sendForm(deps, call, {
    title: words(language, 'rotate'),
    sub: partner.slug,
    place: 'jackpot-accounts',
    path: `/jackpot-accounts/${partner.id}/rotate-secret`,
    back: `/jackpot-accounts/${partner.id}`,
    effects: [words(language, 'rotate-effect'), words(language, 'rotate-sessions'), words(language, 'rotate-keys')],
    submit: words(language, 'rotate'),
    danger: true,
    password: true,
  })
}

async function rotate(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language } = call
  const { partner } = await one(deps, call)
  const { clientSecret } = await deps.db.transaction((db) => rotateClientSecretOf({ db }, partner.id))
  return sendSecrets(deps, call, {
    title: words(language, 'rotate'),
    sub: partner.slug,
    place: 'jackpot-accounts',
    back: `/jackpot-accounts/${partner.id}`,
    secrets: [{ label: words(language, 'client'), hint: words(language, 'client-hint'), value: clientSecret }],
  })
}

const path = '/jackpot-accounts/:id'
export const oneJackpotRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path, who: EVERYONE, handle: show },
  { method: 'get', path: `${path}/edit`, who: KEEPERS, handle: (deps, call) => askEdit(deps, call) },
  { method: 'post', path: `${path}/edit`, who: KEEPERS, act: 'jackpot-account.edit', dangerous: true, handle: edit },
  { method: 'get', path: `${path}/rotate-secret`, who: KEEPERS, handle: askRotate },
  {
    method: 'post',
    path: `${path}/rotate-secret`,
    who: KEEPERS,
    act: 'jackpot-account.rotate-secret',
    dangerous: true,
    handle: rotate,
  },
]
