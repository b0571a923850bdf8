import { html } from 'hono/html'
import { isLanguage } from '../../../domain/language.ts'
import { createParty } from '../../../operations/create-party.ts'
import { invite } from '../../../operations/invite.ts'
import type { PartyListing } from '../../../storage/directory-listings.ts'
import { goTo, textOf } from '../act-form.ts'
import { attempt, choice, type FormState, freshForm, input, sendActForm, sentForm } from '../gift-forms.ts'
import type { ConsoleCall, ConsoleDeps } from '../route.ts'
import { requireListedParty } from './one-party.ts'
import { partyText as text } from './words.ts'

export async function showNewParty(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  return newForm(deps, call, freshForm(call))
}

function newForm(deps: ConsoleDeps, call: ConsoleCall, state: FormState) {
  const { language } = call
  const kinds = (['business', 'person'] as const).map((value) => ({ value, label: text(language, value) }))
  return sendActForm(deps, call, {
    title: text(language, 'new'),
    sub: text(language, 'new-sub'),
    place: 'parties',
    path: '/parties/new',
    back: '/parties',
    fields: html`${input(state, { name: 'name', label: text(language, 'name'), maxlength: 200 })}${choice(state, {
      name: 'kind',
      label: text(language, 'kind'),
      hint: text(language, 'kind-hint'),
      choices: kinds,
    })}`,
    names: ['name', 'kind'],
    submit: text(language, 'new-save'),
    state,
  })
}

export async function makeParty(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { form } = call
  const kind = form.get('kind') === 'person' ? 'person' : 'business'
  const tried = await attempt(call, () => createParty(deps, { kind, name: form.get('name') ?? '' }))
  if (!tried.done) return newForm(deps, call, sentForm(call, tried.problem))
  call.note({ party: tried.value.id, kind })
  return goTo(call, `/parties/${tried.value.id}?done=made`)
}

const ROLES = ['owner', 'member', 'viewer'] as const

export async function showInvite(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  return inviteForm(deps, call, await requireListedParty(deps, call), freshForm(call, { language: call.language }))
}

function inviteForm(deps: ConsoleDeps, call: ConsoleCall, party: PartyListing, state: FormState) {
  const { language } = call
  const languages = [
    { value: 'en', label: text(language, 'english') },
    { value: 'fr', label: text(language, 'french') },
  ]
  const roles = ROLES.map((value) => ({ value, label: text(language, value) }))
  const role =
    party.kind === 'business'
      ? choice(state, {
          name: 'role',
          label: text(language, 'role'),
          hint: text(language, 'role-hint'),
          choices: roles,
        })
      : ''
  return sendActForm(deps, call, {
    title: text(language, 'invite-title', { name: party.name }),
    place: 'parties',
    path: `/parties/${party.id}/invite`,
    back: `/parties/${party.id}`,
    effects: [text(language, 'invite-effect'), text(language, 'invite-effect-2')],
    fields: html`${input(state, { name: 'email', label: text(language, 'email'), type: 'email', autocomplete: 'off', maxlength: 254 })}${choice(
      state,
      { name: 'language', label: text(language, 'language'), choices: languages },
    )}${role}`,
    names: ['email', 'language'],
    password: true,
    submit: text(language, 'invite-save'),
    state,
  })
}

export async function inviteOne(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const party = await requireListedParty(deps, call)
  const email = textOf(call.form, 'email') ?? ''
  const asked = call.form.get('language') ?? ''
  const language = isLanguage(asked) ? asked : call.language
  const role = ROLES.find((known) => known === call.form.get('role'))
  const wish = { partyId: party.id, email, language, ...(party.kind === 'business' && role && { role }) }
  call.note({ email, role: wish.role ?? null })
  const tried = await attempt(call, () => invite(deps, wish))
  if (!tried.done) return inviteForm(deps, call, party, sentForm(call, tried.problem))
  return goTo(call, `/parties/${party.id}?done=invited`)
}
