import { html } from 'hono/html'
import { createParty } from '../../operations/create-party.ts'
import type { Markup } from '../layout.ts'
import { defineMessages } from '../messages.ts'
import { attempt, type FormState, input, type Problem, wrongInput } from './gift-forms.ts'
import type { ConsoleCall, ConsoleDeps } from './route.ts'

const words = defineMessages({
  en: {
    business: 'Name of the business',
    'business-hint': 'A new one is made. Leave it empty for one that is here already, and give its id.',
    'party-id': 'Id of the business',
    'party-hint': 'Of one that is here already: it stands on the page of the party.',
    missing: 'Name a new business, or give the id of one that is here.',
    both: 'Either a new business or the id of one that is here, not both.',
  },
  fr: {
    business: 'Nom de l’entreprise',
    'business-hint':
      'Une nouvelle est créée. Laissez vide pour une entreprise déjà présente, et donnez son identifiant.',
    'party-id': 'Identifiant de l’entreprise',
    'party-hint': 'D’une entreprise déjà présente\u00a0: il figure sur la page de la partie.',
    missing: 'Nommez une nouvelle entreprise, ou donnez l’identifiant d’une entreprise présente.',
    both: 'Une nouvelle entreprise ou l’identifiant d’une présente, pas les deux.',
  },
})

/** Names of the fields, for refusals beside them. */
export const BUSINESS_FIELDS = ['business', 'party_id'] as const

/** Whose it is to be: a business that is made with it, or one that is here. */
export function businessFields({ language }: ConsoleCall, state: FormState): Markup {
  const known = (state.values.get('party_id') ?? '') !== ''
  const made = input(state, {
    name: 'business',
    label: words(language, 'business'),
    hint: words(language, 'business-hint'),
    required: false,
    maxlength: 200,
  })
  const there = input(state, {
    name: 'party_id',
    label: words(language, 'party-id'),
    hint: words(language, 'party-hint'),
    required: false,
    spellcheck: false,
  })
  return known ? html`${there}${made}` : html`${made}${there}`
}

/** The business that a form names. @returns its id, after it was made where it is a new one; or what is wrong */
export async function businessOf(
  deps: ConsoleDeps,
  call: ConsoleCall,
): Promise<{ partyId: string } | { problem: Problem }> {
  const { form, language } = call
  const [partyId, name] = [form.get('party_id')?.trim() ?? '', form.get('business')?.trim() ?? '']
  if (partyId === '' && name === '') return { problem: wrongInput('business', words(language, 'missing')) }
  if (partyId !== '' && name !== '') return { problem: wrongInput('business', words(language, 'both')) }
  if (partyId !== '') return { partyId }
  const made = await attempt(call, () => createParty(deps, { kind: 'business', name }))
  if (!made.done) return { problem: { ...made.problem, field: 'business' } }
  call.note({ party: made.value.id })
  return { partyId: made.value.id }
}

/** The form again after a refusal, with the business that was made meanwhile: sent again, it makes no second one. */
export function madeForm(call: ConsoleCall, partyId: string, problem: Problem): FormState {
  return { values: new Map([...call.form, ['party_id', partyId], ['business', '']]), problem }
}
