import { html } from 'hono/html'
import {
  createMerchantKey,
  endMerchantKey,
  rotateMerchantSecret,
} from '../../../operations/purchases/change-merchant.ts'
import { openMerchantSecret } from '../../../operations/purchases/sign-token.ts'
import { listMerchantKeys, type MerchantKeyListing } from '../../../storage/merchant-keys.ts'
import type { Merchant } from '../../../storage/merchants.ts'
import { select } from '../../components.ts'
import { PageProblem } from '../../forms.ts'
import { found, goTo, sendForm } from '../act-form.ts'
import type { ConsoleCall, ConsoleDeps, ConsoleRoute } from '../route.ts'
import { sendSecrets } from '../secrets.ts'
import { KEEPERS, oneMerchant } from './find.ts'
import { merchantWords as words } from './words.ts'

type Key = Parameters<typeof words>[1]

const ask =
  (name: string, title: Key, effects: readonly Key[]) =>
  async (deps: ConsoleDeps, call: ConsoleCall): Promise<Response> => {
    const { language } = call
    const merchant = await oneMerchant(deps, call)
    return sendForm(deps, call, {
      title: words(language, title),
      sub: html`${merchant.name} <code>${merchant.uid}</code>`,
      place: 'merchants',
      path: `/merchants/${merchant.id}/${name}`,
      back: `/merchants/${merchant.id}`,
      effects: effects.map((effect) => words(language, effect)),
      submit: words(language, title),
      danger: true,
      password: true,
    })
  }

const reveal =
  (title: Key, work: (deps: ConsoleDeps, merchant: Merchant) => Promise<string | null>) =>
  async (deps: ConsoleDeps, call: ConsoleCall): Promise<Response> => {
    const { language } = call
    const merchant = await oneMerchant(deps, call)
    const value = await work(deps, merchant)
    if (value === null) throw new PageProblem('not-found')
    return sendSecrets(deps, call, {
      title: words(language, title),
      sub: html`${merchant.name} <code>${merchant.uid}</code>`,
      place: 'merchants',
      back: `/merchants/${merchant.id}`,
      again: true,
      secrets: [{ label: words(language, 'secret'), hint: words(language, 'secret-hint'), value }],
    })
  }

async function askKey(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language, form } = call
  const { id, name, companyId } = await oneMerchant(deps, call)
  const reach = companyId === null ? (['merchant'] as const) : (['merchant', 'company'] as const)
  return sendForm(deps, call, {
    title: words(language, 'add-key'),
    sub: name,
    place: 'merchants',
    path: `/merchants/${id}/new-key`,
    back: `/merchants/${id}`,
    effects: [words(language, 'key-effect')],
    fields: select({
      name: 'of',
      label: words(language, 'key-of'),
      value: form.get('of') ?? 'merchant',
      choices: reach.map((value) => ({ value, label: words(language, `of-${value}`) })),
    }),
    submit: words(language, 'add-key'),
    password: true,
  })
}

async function addKey(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language, form } = call
  const { id: merchantId, companyId, name } = await oneMerchant(deps, call)
  const of = form.get('of') === 'company' && companyId !== null ? { companyId } : { merchantId }
  const made = await createMerchantKey(deps, of)
  call.note({ key: made.key, of: 'companyId' in of ? 'company' : 'merchant' })
  return sendSecrets(deps, call, {
    title: words(language, 'key-made'),
    sub: name,
    place: 'merchants',
    back: `/merchants/${merchantId}`,
    secrets: [
      { label: words(language, 'key'), value: made.key },
      { label: words(language, 'key-secret'), value: made.secret },
    ],
  })
}

async function oneKey(deps: ConsoleDeps, call: ConsoleCall): Promise<{ merchant: Merchant; key: MerchantKeyListing }> {
  const merchant = await oneMerchant(deps, call)
  const keys = await listMerchantKeys(deps.db, { merchantId: merchant.id, companyId: merchant.companyId })
  return { merchant, key: await found(Promise.resolve(keys.find(({ id }) => id === call.param('key')))) }
}

async function askRevoke(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language } = call
  const { merchant, key } = await oneKey(deps, call)
  return sendForm(deps, call, {
    title: words(language, 'revoke-key-title'),
    sub: html`${merchant.name} <code>${key.key}</code>`,
    place: 'merchants',
    path: `/merchants/${merchant.id}/keys/${key.id}`,
    back: `/merchants/${merchant.id}`,
    facts: [[words(language, 'key-of'), words(language, key.merchantId === null ? 'of-company' : 'of-merchant')]],
    effects: [words(language, 'revoke-key-effect')],
    submit: words(language, 'revoke-key'),
    danger: true,
    password: true,
  })
}

async function revoke(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { merchant, key } = await oneKey(deps, call)
  call.note({ key: key.key })
  await endMerchantKey(deps.db, merchant, key.id)
  return goTo(call, `/merchants/${merchant.id}?done=revoked`)
}

const path = '/merchants/:id'
export const merchantSecretRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: `${path}/secret`, who: KEEPERS, handle: ask('secret', 'show-secret', ['show-effect']) },
  {
    method: 'post',
    path: `${path}/secret`,
    who: KEEPERS,
    act: 'merchant.show-secret',
    dangerous: true,
    handle: reveal('show-secret', async ({ keyring }, merchant) => openMerchantSecret(keyring, merchant)),
  },
  {
    method: 'get',
    path: `${path}/rotate-secret`,
    who: KEEPERS,
    handle: ask('rotate-secret', 'rotate-secret', ['rotate-effect', 'rotate-shop']),
  },
  {
    method: 'post',
    path: `${path}/rotate-secret`,
    who: KEEPERS,
    act: 'merchant.rotate-secret',
    dangerous: true,
    handle: reveal('rotate-secret', rotateMerchantSecret),
  },
  { method: 'get', path: `${path}/new-key`, who: KEEPERS, handle: askKey },
  {
    method: 'post',
    path: `${path}/new-key`,
    who: KEEPERS,
    act: 'merchant.create-key',
    dangerous: true,
    handle: addKey,
  },
  { method: 'get', path: `${path}/keys/:key`, who: KEEPERS, handle: askRevoke },
  {
    method: 'post',
    path: `${path}/keys/:key`,
    who: KEEPERS,
    act: 'merchant.revoke-key',
    dangerous: true,
    handle: revoke,
  },
]
