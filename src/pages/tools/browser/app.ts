import { ExplainError, type SigningScheme, signingSchemes } from '#sdk/explain/types.ts'
import { byId, h } from './dom.ts'
import { drawFields, examplesOf, type Mode, refill, valuesOf } from './fields.ts'
import { fieldName, say, words } from './words.ts'

const builder = byId('builder')
const inputs = byId('inputs')
const results = byId('results')
const verdict = byId('verdict')

let scheme: SigningScheme = 'webwallet'
let mode: Mode = 'sign'
let drawn = 0
let timer: ReturnType<typeof setTimeout> | undefined

function redraw(): void {
  byId('about').textContent = words.about[scheme]
  const actions = h(
    'div',
    { class: 'buttons' },
    action('example', () => examplesOf(scheme)),
    action('clear', emptied),
  )
  if (mode === 'check')
    actions.prepend(h('button', { type: 'button', class: 'quiet', onclick: showFailing }, say('wrong-example')))
  inputs.replaceChildren(...drawFields(scheme, mode, changed), actions)
  verdict.replaceChildren()
  void update()
}

const emptied = () =>
  Object.fromEntries(Object.entries(examplesOf(scheme)).map(([name, value]) => [name, isChoice(name) ? value : '']))
const isChoice = (name: string) => document.getElementById(`field-${name}`) instanceof HTMLSelectElement

function action(key: 'example' | 'clear', values: () => Record<string, string>): HTMLElement {
  const act = () => {
    refill(scheme, { ...values(), pasted: key === 'clear' ? '' : (valuesOf(scheme).pasted ?? '') })
    redraw()
  }
  return h('button', { type: 'button', class: 'quiet', onclick: act }, say(key))
}

async function showFailing(): Promise<void> {
  const { failingExample } = await import('./checking.ts')
  const values = examplesOf(scheme)
  refill(scheme, { ...values, pasted: await failingExample(scheme, values) })
  redraw()
}

function changed(): void {
  clearTimeout(timer)
  timer = setTimeout(() => void update(), 150)
}

/** Draws what comes of the values; what takes longer than the next change is dropped. */
async function update(): Promise<void> {
  const mine = ++drawn
  const values = { ...valuesOf(scheme) }
  try {
    if (mode === 'sign') {
      const { drawSigning } = await import('./signing.ts')
      const made = await drawSigning(scheme, values)
      if (mine === drawn) show([], made)
    } else {
      const { drawChecking } = await import('./checking.ts')
      const made = await drawChecking(scheme, values, choose)
      if (mine === drawn) show(made.verdict, made.results)
    }
  } catch (error) {
    if (!(error instanceof ExplainError)) throw error
    if (mine === drawn) show([problem(error)], [])
  }
  if (mine === drawn) builder.dataset.shown = `${mode} ${scheme}`
}

function show(said: HTMLElement[], made: HTMLElement[]): void {
  verdict.replaceChildren(...said)
  results.replaceChildren(...made)
}

function problem({ field, reason, message }: ExplainError): HTMLElement {
  document.getElementById(`field-${field}`)?.setAttribute('aria-invalid', 'true')
  const values = { field: fieldName(scheme, field), reason: message }
  return h('div', { class: 'notice plain' }, h('p', {}, say(`field-${reason}`, values)))
}

function choose(next: SigningScheme): void {
  const pasted = valuesOf(scheme).pasted ?? ''
  scheme = next
  if (mode === 'check' && (valuesOf(scheme).pasted ?? '') === '') valuesOf(scheme).pasted = pasted
  const radio = document.querySelector<HTMLInputElement>(`input[name=scheme][value="${next}"]`)
  if (radio) radio.checked = true
  // The address names the scheme, and never a value.
  history.replaceState(null, '', `#${next}`)
  redraw()
}

for (const radio of document.querySelectorAll<HTMLInputElement>('input[name=scheme]')) {
  radio.addEventListener('change', () => choose(radio.value as SigningScheme))
}
for (const radio of document.querySelectorAll<HTMLInputElement>('input[name=mode]')) {
  radio.addEventListener('change', () => {
    mode = radio.value as Mode
    redraw()
  })
}

const named = location.hash.slice(1) as SigningScheme
builder.hidden = false
choose(signingSchemes.includes(named) ? named : 'webwallet')
