import { html } from 'hono/html'
import {
  addCredential,
  endCredential,
  requireCredential,
  setCredentialAddresses,
} from '../../../operations/gift-cards/partner-credentials.ts'
import { isReplaceable, rotateCredential } from '../../../operations/gift-cards/rotate-credential.ts'
import type { PartnerListing } from '../../../storage/partners.ts'
import { button, buttonRow, definitionList, linkButton, pageHeading, section } from '../../components.ts'
import { formatTime, timeText } from '../../format.ts'
import { csrfField } from '../../forms.ts'
import { doneNotice, found, goTo, linesOf } from '../act-form.ts'
import { PROTOCOL_NAMES } from '../calls/explain.ts'
import { compromisedLink } from '../compromise/link.ts'
import { passwordField, sendConsole } from '../frame.ts'
import { attempt, choice, type FormState, freshForm, input, sendActForm, sentForm } from '../gift-forms.ts'
import { link, visiblePartner } from '../gift-parts.ts'
import { giftText } from '../gift-words.ts'
import type { ConsoleCall, ConsoleDeps, ConsoleRoute, Role } from '../route.ts'
import { type ShownSecret, secretWarnings, sendSecrets } from '../secrets.ts'
import { credentialState } from './detail.ts'
import { partnerText as text } from './words.ts'

/** Who has the keys. */
const KEEPERS: readonly Role[] = ['operator', 'owner']
/** Protocols whose keys are made here; a Jackpot account and a Pledg merchant come with theirs. */
const PROTOCOLS = ['walleo', 'tillo'] as const

const one = (call: ConsoleCall) => `/partners/${call.param('id')}/credentials/${call.param('credential')}`

async function opened(deps: ConsoleDeps, call: ConsoleCall) {
  const partner = await visiblePartner(deps, call, call.param('id'))
  const ref = { partner: partner.id, credentialId: call.param('credential') }
  return { partner, ref, credential: await found(requireCredential(deps.db, ref)) }
}

const addressesField = (call: ConsoleCall, state: FormState) =>
  input(state, {
    name: 'addresses',
    label: text(call.language, 'addresses-label'),
    hint: text(call.language, 'addresses-hint'),
    required: false,
    rows: 4,
    spellcheck: false,
  })

async function newPage(deps: ConsoleDeps, call: ConsoleCall, state: FormState) {
  const { language } = call
  const partner = await visiblePartner(deps, call, call.param('id'))
  const choices = PROTOCOLS.map((value) => ({ value, label: PROTOCOL_NAMES[value] }))
  return sendActForm(deps, call, {
    title: text(language, 'new-credential'),
    sub: text(language, 'new-credential-sub'),
    place: 'partners',
    path: `/partners/${partner.id}/credentials`,
    back: `/partners/${partner.id}`,
    facts: [[giftText(language, 'partner'), partner.slug]],
    fields: html`${choice(state, { name: 'protocol', label: giftText(language, 'protocol'), choices })}${addressesField(call, state)}`,
    names: ['protocol', 'addresses'],
    // What it makes outlives the session that asks for it.
    password: true,
    submit: text(language, 'new-credential'),
    state,
  })
}

function showSecrets(
  deps: ConsoleDeps,
  call: ConsoleCall,
  partner: PartnerListing,
  made: { apiKey: string; secret: string; identifier: string | null; listing: { protocol: string } },
  sub?: string,
) {
  const { language } = call
  const { protocol } = made.listing
  const secrets: ShownSecret[] = [
    { label: text(language, 'api-key'), value: made.apiKey },
    ...(made.identifier === null ? [] : [{ label: text(language, 'identifier'), value: made.identifier }]),
    {
      label: text(language, 'secret'),
      value: made.secret,
      hint: text(language, protocol === 'walleo' ? 'secret-walleo' : 'secret-tillo'),
    },
  ]
  return sendSecrets(deps, call, {
    title: text(language, 'made-title'),
    ...(sub !== undefined && { sub }),
    place: 'partners',
    back: `/partners/${partner.id}`,
    secrets,
    scheme: protocol === 'walleo' ? 'walleo' : 'tillo',
  })
}

async function showPage(deps: ConsoleDeps, call: ConsoleCall, state: FormState | null) {
  const { language, c } = call
  const { partner, credential } = await opened(deps, call)
  const { protocol, addresses, identifier } = credential
  const now = deps.clock()
  const lives = credential.revoked_at === null && (credential.ends_at === null || credential.ends_at.getTime() > now)
  const title = text(language, 'credential-title', { protocol: PROTOCOL_NAMES[protocol] })
  const facts = definitionList([
    [giftText(language, 'partner'), link(`/partners/${partner.id}`, partner.slug)],
    ...(identifier === null ? [] : [[text(language, 'identifier'), html`<code>${identifier}</code>`] as const]),
    [giftText(language, 'created'), formatTime(credential.created_at, language)],
    [giftText(language, 'status'), credentialState(credential, call, now)],
    ...(lives ? [] : [[text(language, 'addresses'), addresses.join(', ') || text(language, 'anywhere')] as const]),
  ])
  const filled = state ?? freshForm(call, { addresses: addresses.join('\n') })
  const form = html`<form class="sheet" method="post" action="/console${one(call)}/addresses">${csrfField(c)}${addressesField(
    call,
    filled,
  )}${passwordField(call)}${buttonRow(button({ label: text(language, 'set-addresses'), kind: 'quiet' }))}</form>`
  const acts = lives
    ? html`<div class="buttons pager">${
        isReplaceable(credential) ? linkButton(`/console${one(call)}/rotate`, text(language, 'rotate'), 'primary') : ''
      }${linkButton(`/console${one(call)}/revoke`, text(language, 'revoke'))}${compromisedLink(
        language,
        'partner-credential',
        credential.id,
      )}</div>`
    : ''
  const told = doneNotice(call, { addresses: text(language, 'done-addresses') })
  const body = html`${pageHeading(title)}${told}<section class="part">${facts}${acts}</section>${
    lives ? section('addresses-part', text(language, 'addresses'), form) : ''
  }${secretWarnings(language)}`
  return sendConsole(deps, call, { title, place: 'partners', body, ...(state !== null && { status: 422 }) })
}

async function rotatePage(deps: ConsoleDeps, call: ConsoleCall, state: FormState) {
  const { language } = call
  const { partner, credential } = await opened(deps, call)
  return sendActForm(deps, call, {
    title: text(language, 'rotate-title'),
    sub: text(language, 'rotate-sub'),
    place: 'partners',
    path: `${one(call)}/rotate`,
    back: one(call),
    facts: [
      [giftText(language, 'partner'), partner.slug],
      [giftText(language, 'protocol'), PROTOCOL_NAMES[credential.protocol]],
    ],
    fields: input(state, {
      name: 'hours',
      label: text(language, 'hours'),
      hint: text(language, 'hours-hint'),
      inputmode: 'numeric',
      pattern: '\\d{1,3}',
    }),
    names: ['hours'],
    password: true,
    submit: text(language, 'rotate-submit'),
    state,
  })
}

/** Keys of a partner: of operators, and of the owners of the business. */
export const credentialRoutes: readonly ConsoleRoute[] = [
  {
    method: 'get',
    path: '/partners/:id/credentials',
    who: KEEPERS,
    handle: async (deps, call) => newPage(deps, call, freshForm(call)),
  },
  {
    method: 'post',
    path: '/partners/:id/credentials',
    who: KEEPERS,
    act: 'partner.add-credential',
    dangerous: true,
    async handle(deps, call) {
      const partner = await visiblePartner(deps, call, call.param('id'))
      const protocol = PROTOCOLS.find((known) => known === call.form.get('protocol')) ?? 'walleo'
      call.note({ partner: partner.slug, protocol })
      const addresses = linesOf(call.form.get('addresses'))
      const made = await attempt(call, () => addCredential(deps, { partner: partner.id, protocol, addresses }))
      if (!made.done) return newPage(deps, call, sentForm(call, made.problem))
      call.note({ credential: made.value.id })
      return showSecrets(deps, call, partner, made.value)
    },
  },
  {
    method: 'get',
    path: '/partners/:id/credentials/:credential',
    who: KEEPERS,
    handle: async (deps, call) => showPage(deps, call, null),
  },
  {
    method: 'get',
    path: '/partners/:id/credentials/:credential/addresses',
    who: KEEPERS,
    handle: async (deps, call) => showPage(deps, call, null),
  },
  {
    method: 'post',
    path: '/partners/:id/credentials/:credential/addresses',
    who: KEEPERS,
    act: 'partner.set-addresses',
    dangerous: true,
    async handle(deps, call) {
      const { partner, ref } = await opened(deps, call)
      const addresses = linesOf(call.form.get('addresses'))
      call.note({ partner: partner.slug, addresses: addresses.join(' ').slice(0, 1000) })
      const set = await attempt(call, () => setCredentialAddresses(deps.db, ref, addresses))
      if (!set.done) return showPage(deps, call, sentForm(call, set.problem))
      return goTo(call, `${one(call)}?done=addresses`)
    },
  },
  {
    method: 'get',
    path: '/partners/:id/credentials/:credential/rotate',
    who: KEEPERS,
    handle: async (deps, call) => rotatePage(deps, call, freshForm(call, { hours: '24' })),
  },
  {
    method: 'post',
    path: '/partners/:id/credentials/:credential/rotate',
    who: KEEPERS,
    act: 'partner.rotate-credential',
    dangerous: true,
    async handle(deps, call) {
      const { partner, ref } = await opened(deps, call)
      const hours = Number(/^\d{1,4}$/.test(call.form.get('hours') ?? '') ? call.form.get('hours') : Number.NaN)
      call.note({ partner: partner.slug, hours: Number.isNaN(hours) ? null : hours })
      const made = await attempt(call, () =>
        deps.db.transaction((sql) => rotateCredential({ ...deps, db: sql }, { ...ref, hours })),
      )
      if (!made.done) return rotatePage(deps, call, sentForm(call, made.problem))
      call.note({ credential: made.value.id })
      const until = `${timeText(made.value.endsAt, call.language)} UTC`
      return showSecrets(deps, call, partner, made.value, text(call.language, 'old-ends', { at: until }))
    },
  },
  {
    method: 'get',
    path: '/partners/:id/credentials/:credential/revoke',
    who: KEEPERS,
    async handle(deps, call) {
      const { language } = call
      const { partner, credential } = await opened(deps, call)
      return sendActForm(deps, call, {
        title: text(language, 'revoke-title'),
        place: 'partners',
        path: `${one(call)}/revoke`,
        back: one(call),
        facts: [
          [giftText(language, 'partner'), partner.slug],
          [giftText(language, 'protocol'), PROTOCOL_NAMES[credential.protocol]],
        ],
        effects: [text(language, 'revoke-effect'), text(language, 'revoke-effect-other')],
        password: true,
        danger: true,
        names: [],
        submit: text(language, 'revoke-submit'),
        state: freshForm(call),
      })
    },
  },
  {
    method: 'post',
    path: '/partners/:id/credentials/:credential/revoke',
    who: KEEPERS,
    act: 'partner.revoke-credential',
    dangerous: true,
    async handle(deps, call) {
      const { partner, ref } = await opened(deps, call)
      call.note({ partner: partner.slug })
      await endCredential(deps.db, ref)
      return goTo(call, `/partners/${partner.id}?done=revoked`)
    },
  },
]
