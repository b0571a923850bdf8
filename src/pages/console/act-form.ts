import { html } from 'hono/html'
import { OperationRefusal } from '../../operations/input.ts'
import { button, buttonRow, type Content, definitionList, notice, pageHeading } from '../components.ts'
import { csrfField, PageProblem } from '../forms.ts'
import type { Markup } from '../layout.ts'
import { cancelLink, passwordField, sendConsole } from './frame.ts'
import { refusalText } from './refusal-words.ts'
import type { ConsoleCall, ConsoleDeps } from './route.ts'

/** The page of one act: what it does, what it asks for, and the button. */
export type ActForm = {
  title: string
  sub?: Content
  place: string
  /** of page and act, below `/console` */
  path: string
  /** where "Cancel" leads, below `/console` */
  back: string
  facts?: readonly (readonly [Content, Content])[]
  /** what comes of it, a sentence each */
  effects?: readonly Content[]
  fields?: Content
  /** names of the fields beside which a refusal is shown; of others it stands at the top */
  names?: readonly string[]
  submit: string
  /** the button warns */
  danger?: boolean
  /** the act asks for the password again; a text says when, where it does not always */
  password?: boolean | string
  /** why it was not done */
  refusal?: Refused | null
}

/** An operation's refusal, or a sentence about the whole. */
export type Refused = OperationRefusal | string

/** What is wrong with a field, to stand beside it. */
export const errorOf = (call: ConsoleCall, refusal: Refused | null | undefined, name: string): string | undefined =>
  refusal instanceof OperationRefusal && refusal.field === name ? refusalText(call.language, refusal) : undefined

export function sendForm(deps: ConsoleDeps, call: ConsoleCall, form: ActForm): Response | Promise<Response> {
  const { refusal = null, facts, effects } = form
  const beside = refusal instanceof OperationRefusal && form.names?.includes(refusal.field)
  const problem =
    refusal === null || beside
      ? ''
      : notice('bad', typeof refusal === 'string' ? refusal : refusalText(call.language, refusal))
  const list =
    effects === undefined || effects.length === 0
      ? ''
      : html`<ul class="effects">${effects.map((text) => html`<li>${text}</li>`)}</ul>`
  const body = html`${pageHeading(form.title, form.sub === undefined ? {} : { sub: form.sub })}${problem}
<form class="sheet act" method="post" action="/console${form.path}">${csrfField(call.c)}${facts ? definitionList(facts) : ''}${list}${
    form.fields ?? ''
  }${form.password ? passwordField(call, form.password === true ? undefined : form.password) : ''}${buttonRow(
    button({ label: form.submit, kind: form.danger ? 'danger' : 'primary' }),
    cancelLink(call, form.back),
  )}</form>`
  return sendConsole(deps, call, {
    title: form.title,
    place: form.place,
    body,
    ...(refusal !== null && { status: 422 }),
  })
}

export type Tried<T> =
  | { readonly done: true; readonly value: T }
  | { readonly done: false; readonly refusal: OperationRefusal }

/** Runs an operation whose refusals are shown on its form. */
export async function attempt<T>(work: () => Promise<T>): Promise<Tried<T>> {
  try {
    return { done: true, value: await work() }
  } catch (error) {
    if (error instanceof OperationRefusal) return { done: false, refusal: error }
    throw error
  }
}

/** Runs what finds a thing by a part of the path: one that is not there has no page. */
export async function found<T>(work: Promise<T>): Promise<NonNullable<T>> {
  try {
    const value = await work
    if (value !== undefined && value !== null) return value
  } catch (error) {
    if (!(error instanceof OperationRefusal && error.code === 'not_found')) throw error
  }
  throw new PageProblem('not-found')
}

/** Another party's thing is not there. @param partyId whose it is */
export function requireOwn({ user }: ConsoleCall, partyId: string | null): void {
  if (user.role !== 'operator' && user.partyId !== partyId) throw new PageProblem('not-found')
}

/** Whose things a list shows; undefined: everybody's. */
export const ownParty = ({ user }: ConsoleCall): string | undefined =>
  user.role === 'operator' ? undefined : user.partyId

/** An act that is done is answered with where its effect is seen. @param path below `/console` */
export const goTo = ({ c }: ConsoleCall, path: string): Response => c.redirect(`/console${path}`, 303)

/** What was just done, said on the page that `goTo` led to with `?done=NAME`. */
export function doneNotice({ query }: ConsoleCall, texts: Readonly<Record<string, string>>): Markup | '' {
  const name = query.get('done')
  return name !== null && Object.hasOwn(texts, name) ? notice('good', texts[name] as string) : ''
}

/** Lines of a text field, without blanks and empty ones. */
export const linesOf = (text: string | undefined): string[] =>
  (text ?? '')
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== '')

/** A text field's content; undefined when it was left empty. */
export const textOf = (form: ReadonlyMap<string, string>, name: string): string | undefined =>
  form.get(name)?.trim() || undefined
