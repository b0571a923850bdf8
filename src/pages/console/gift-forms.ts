import { OperationRefusal } from '../../operations/input.ts'
import { type Field, field, select } from '../components.ts'
import type { Markup } from '../layout.ts'
import { PageProblem } from '../problem.ts'
import { type ActForm, sendForm } from './act-form.ts'
import { inFrench } from './gift-refusals.ts'
import type { ConsoleCall, ConsoleDeps } from './route.ts'

/** Why an act was refused, in the reader's language. */
export type Problem = { readonly field: string; readonly text: string; readonly refusal: OperationRefusal }

export type Attempt<T> =
  | { readonly done: true; readonly value: T }
  | { readonly done: false; readonly problem: Problem }

/**
 * Does what a form asks for. A refusal comes back, to be shown with the form.
 * @throws {PageProblem} `not-found` when what is not there is named by the address and not by the form
 */
export async function attempt<T>(call: ConsoleCall, work: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { done: true, value: await work() }
  } catch (error) {
    if (!(error instanceof OperationRefusal)) throw error
    if (error.code === 'not_found' && !call.form.has(error.field)) throw new PageProblem('not-found')
    return { done: false, problem: problemOf(call, error) }
  }
}

export function problemOf({ language }: ConsoleCall, refusal: OperationRefusal): Problem {
  const text = language === 'fr' ? inFrench(refusal) : refusal.message
  const sentence = `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`
  return { field: refusal.field, text: sentence, refusal }
}

/** Wrong input that no operation gets to see. @param text in the reader's language */
export const wrongInput = (field: string, text: string): Problem => ({
  field,
  text,
  refusal: new OperationRefusal('invalid_input', field, text),
})

/** What a form was filled in with, and what was wrong with it. */
export type FormState = { readonly values: ReadonlyMap<string, string>; readonly problem: Problem | null }

/** A form as it is first shown; one whose password was wrong has what was filled in. */
export const freshForm = (call: ConsoleCall, values: Record<string, string> = {}): FormState => ({
  values: call.form.size > 0 ? call.form : new Map(Object.entries(values)),
  problem: null,
})

/** The form again, with what was wrong. */
export const sentForm = (call: ConsoleCall, problem: Problem): FormState => ({ values: call.form, problem })

const stateOf = ({ values, problem }: FormState, name: string) => ({
  value: values.get(name) ?? '',
  ...(problem?.field === name && { error: problem.text }),
})

/** A field of a form, with what was filled in. */
export const input = (state: FormState, f: Field): Markup => field({ ...f, ...stateOf(state, f.name) })

/** A choice of one, as it was made. */
export const choice = (state: FormState, f: Parameters<typeof select>[0]): Markup =>
  select({ ...f, ...stateOf(state, f.name) })

/** The page of one act, as it is first shown or again after a refusal. @param form.names of its fields */
export function sendActForm(
  deps: ConsoleDeps,
  call: ConsoleCall,
  { state, names, ...form }: Omit<ActForm, 'refusal' | 'names'> & { state: FormState; names: readonly string[] },
): Response | Promise<Response> {
  const { problem } = state
  const refusal =
    problem === null
      ? null
      : names.includes(problem.field)
        ? new OperationRefusal(problem.refusal.code, problem.field, problem.text)
        : problem.text
  return sendForm(deps, call, { ...form, names, refusal })
}

/** A box's state: a box that is not ticked sends nothing. */
export const isTicked = ({ values }: Pick<FormState, 'values'>, name: string): boolean => values.get(name) === 'yes'
