import { html } from 'hono/html'
import { OperationRefusal } from '../../../operations/input.ts'
import { erasePerson } from '../../../operations/people/erase-person.ts'
import { exportPerson } from '../../../operations/people/export-person.ts'
import { requireSubject } from '../../../operations/people/subject.ts'
import { tiesOf } from '../../../operations/people/ties.ts'
import type { PartyListing } from '../../../storage/directory-listings.ts'
import { listOwnSignIns } from '../../../storage/people.ts'
import { select } from '../../components.ts'
import type { Markup } from '../../layout.ts'
import { goTo, type Refused, sendForm } from '../act-form.ts'
import { requireListedParty } from '../parties/one-party.ts'
import { type ConsoleCall, type ConsoleDeps, type ConsoleRoute, OPERATORS } from '../route.ts'
import { peopleText as text } from './words.ts'

/** Handing out and erasing what is known of a person: of a party that is one, or of one of a business's team. */
export const peopleRoutes: readonly ConsoleRoute[] = [
  { method: 'get', path: '/parties/:id/data', who: OPERATORS, handle: (deps, call) => askExport(deps, call) },
  { method: 'post', path: '/parties/:id/data', who: OPERATORS, act: 'person.export', dangerous: true, handle: handOut },
  { method: 'get', path: '/parties/:id/erasure', who: OPERATORS, handle: (deps, call) => askErasure(deps, call) },
  { method: 'post', path: '/parties/:id/erasure', who: OPERATORS, act: 'person.erase', dangerous: true, handle: erase },
]

/** Whom the form means. @throws {OperationRefusal} nobody was chosen */
async function whoOf({ db }: ConsoleDeps, call: ConsoleCall, party: PartyListing) {
  if (party.kind === 'person') return { partyId: party.id }
  const email = call.form.get('email') ?? ''
  const known = (await listOwnSignIns(db, party.id)).some((one) => one.email === email)
  if (!known) throw new OperationRefusal('invalid_input', 'email', text(call.language, 'email-missing'))
  return { partyId: party.id, email }
}

async function teamField(
  { db }: ConsoleDeps,
  call: ConsoleCall,
  party: PartyListing,
  error?: string,
): Promise<Markup | ''> {
  if (party.kind === 'person') return ''
  const { language } = call
  const emails = (await listOwnSignIns(db, party.id)).map(({ email }) => email)
  if (emails.length === 0) return html`<p>${text(language, 'nobody')}</p>`
  const choices = [
    { value: '', label: text(language, 'email-choose') },
    ...emails.map((value) => ({ value, label: value })),
  ]
  return select({
    name: 'email',
    label: text(language, 'email'),
    hint: text(language, 'email-hint'),
    value: call.form.get('email') ?? '',
    choices,
    ...(error !== undefined && { error }),
  })
}

async function askExport(deps: ConsoleDeps, call: ConsoleCall, problem?: string): Promise<Response> {
  const party = await requireListedParty(deps, call)
  const { language } = call
  return sendForm(deps, call, {
    title: text(language, 'export', { name: party.name }),
    place: 'parties',
    path: `/parties/${party.id}/data`,
    back: `/parties/${party.id}`,
    effects: [text(language, 'export-effect'), text(language, 'export-effect-2')],
    fields: await teamField(deps, call, party, problem),
    submit: text(language, 'export-save'),
    password: true,
    refusal: problem ?? null,
  })
}

async function handOut(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const party = await requireListedParty(deps, call)
  try {
    const who = await whoOf(deps, call, party)
    const document = await exportPerson(deps, who)
    call.note({ party: party.id })
    call.c.header('content-type', 'application/json')
    call.c.header('content-disposition', `attachment; filename="person-${party.id}.json"`)
    return call.c.body(`${JSON.stringify(document, null, 1)}\n`)
  } catch (error) {
    if (!(error instanceof OperationRefusal)) throw error
    return askExport(deps, call, error.message)
  }
}

async function askErasure(deps: ConsoleDeps, call: ConsoleCall, refusal: Refused | null = null): Promise<Response> {
  const party = await requireListedParty(deps, call)
  const { language } = call
  const ties =
    party.kind === 'person' ? await tiesOf(deps.db, await requireSubject(deps.db, { partyId: party.id })) : []
  const notYet = ties.map((tie) => text(language, `tie-${tie}`)).join(' ')
  const effects = ['erase-effect', 'erase-effect-2', 'erase-effect-3', 'erase-effect-4'] as const
  const chosen = refusal instanceof OperationRefusal && refusal.field === 'email' ? refusal.message : undefined
  return sendForm(deps, call, {
    title: text(language, 'erase', { name: party.name }),
    place: 'parties',
    path: `/parties/${party.id}/erasure`,
    back: `/parties/${party.id}`,
    effects: [
      ...(notYet === '' ? [] : [html`<strong>${text(language, 'not-yet')}</strong> ${notYet}`]),
      ...effects.map((effect) => text(language, effect)),
    ],
    fields: await teamField(deps, call, party, chosen),
    names: ['email'],
    submit: text(language, 'erase-save'),
    danger: true,
    password: true,
    refusal: refusal instanceof OperationRefusal && refusal.code === 'conflict' ? notYet || refusal : refusal,
  })
}

async function erase(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const party = await requireListedParty(deps, call)
  try {
    const { pseudonym } = await erasePerson(deps, call.actor, await whoOf(deps, call, party))
    call.note({ party: party.id, pseudonym })
    return goTo(call, `/parties/${party.id}?done=erased`)
  } catch (error) {
    if (!(error instanceof OperationRefusal)) throw error
    return askErasure(deps, call, error)
  }
}
