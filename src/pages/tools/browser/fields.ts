import { fillExample, type SigningField, signingFields } from '#sdk/explain/fields.ts'
import type { SigningScheme } from '#sdk/explain/types.ts'
import { byId, h } from './dom.ts'
import { fieldName, say } from './words.ts'

export type Mode = 'sign' | 'check'

/** What was filled in, by scheme: it stays when one looks at another scheme and comes back. Kept in this page only. */
const filled = new Map<SigningScheme, Record<string, string>>()

const origin = byId('builder').dataset.origin ?? ''

/** The values of a scheme; its examples at first, but for the time, which is now when it is empty. */
export function valuesOf(scheme: SigningScheme): Record<string, string> {
  let values = filled.get(scheme)
  if (values === undefined) {
    values = examplesOf(scheme)
    filled.set(scheme, values)
  }
  return values
}

export function examplesOf(scheme: SigningScheme): Record<string, string> {
  const example = ({ kind, example }: SigningField) => (kind === 'time' ? '' : fillExample(example, origin, Date.now()))
  return { ...Object.fromEntries(signingFields[scheme].map((field) => [field.name, example(field)])), pasted: '' }
}

export const refill = (scheme: SigningScheme, values: Record<string, string>): void => void filled.set(scheme, values)

const fieldsOf = (scheme: SigningScheme, mode: Mode) =>
  signingFields[scheme].filter(
    ({ only }) => only === undefined || (mode === 'sign' ? only === 'sign' : only === 'verify'),
  )

/** The inputs of a scheme. @param changed is called when a value has changed */
export function drawFields(scheme: SigningScheme, mode: Mode, changed: () => void): HTMLElement[] {
  const values = valuesOf(scheme)
  const listed = fieldsOf(scheme, mode).map((field) => drawField(scheme, field, values, changed))
  if (mode === 'sign') return listed
  const paste: SigningField = { name: 'pasted', kind: 'json', example: '' }
  return [drawField(scheme, paste, values, changed), ...listed]
}

function drawField(
  scheme: SigningScheme,
  field: SigningField,
  values: Record<string, string>,
  changed: () => void,
): HTMLElement {
  const { name, kind } = field
  const id = `field-${name}`
  const input = inputOf(field, values[name] ?? '')
  input.id = id
  input.addEventListener('input', () => {
    values[name] = input.value
    input.removeAttribute('aria-invalid')
    changed()
  })
  const hint = hintOf(field)
  if (hint) input.setAttribute('aria-describedby', `${id}-hint`)
  return h(
    'div',
    { class: 'field' },
    h(
      'label',
      { for: id },
      fieldName(scheme, name),
      field.optional ? h('span', { class: 'hint' }, ` ${say('optional')}`) : null,
    ),
    hint ? h('p', { class: 'hint', id: `${id}-hint` }, hint) : null,
    kind === 'secret' ? withToggle(input as HTMLInputElement) : kind === 'time' ? withNow(field, input) : input,
  )
}

function hintOf({ name, kind }: SigningField): string {
  if (name === 'pasted') return say('pasted-hint')
  if (name === 'signed') return say('signed-hint')
  return kind === 'time' ? say('time-hint') : ''
}

function inputOf(field: SigningField, value: string): HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement {
  const plain = { autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false' }
  if (field.kind === 'choice') {
    return h(
      'select',
      {},
      ...(field.choices ?? []).map((choice) => h('option', { value: choice, selected: choice === value }, choice)),
    )
  }
  if (field.kind === 'json' || field.kind === 'key' || ['others', 'signed'].includes(field.name)) {
    const rows = Math.min(14, Math.max(field.name === 'pasted' ? 9 : 2, value.split('\n').length))
    const area = h('textarea', { ...plain, rows: String(rows) })
    if (field.name === 'pasted') area.placeholder = say('pasted-example')
    area.value = value
    return area
  }
  // No name: nothing of this page can be sent by a form.
  const type = field.kind === 'secret' ? 'password' : 'text'
  const input = h('input', { ...plain, type, autocomplete: field.kind === 'secret' ? 'new-password' : 'off' })
  if (field.kind === 'time') input.inputMode = 'numeric'
  input.value = value
  return input
}

function withToggle(input: HTMLInputElement): HTMLElement {
  const button = h(
    'button',
    { type: 'button', class: 'quiet', 'aria-pressed': 'false', 'aria-controls': input.id },
    say('show'),
  )
  button.addEventListener('click', () => {
    const shown = input.type === 'password'
    input.type = shown ? 'text' : 'password'
    button.textContent = say(shown ? 'hide' : 'show')
    button.setAttribute('aria-pressed', String(shown))
  })
  return h('div', { class: 'beside' }, input, button)
}

function withNow({ example }: SigningField, input: HTMLElement): HTMLElement {
  const field = input as HTMLInputElement
  const set = () => {
    field.value = fillExample(example, origin, Date.now())
    field.dispatchEvent(new Event('input'))
  }
  return h('div', { class: 'beside' }, input, h('button', { type: 'button', class: 'quiet', onclick: set }, say('now')))
}
