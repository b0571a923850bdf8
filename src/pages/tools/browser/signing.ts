import { explainSigning, signingSnippet } from '#sdk/explain/explain.ts'
import { fillIn } from '#sdk/explain/fill-in.ts'
import { type SnippetLanguage, snippetLanguages } from '#sdk/explain/snippets/snippets.ts'
import type { SigningScheme, Step } from '#sdk/explain/types.ts'
import { showInvisible } from '#sdk/explain/visible.ts'
import { codeBlock } from './code.ts'
import { h } from './dom.ts'
import { requestText } from './request-text.ts'
import { say, words } from './words.ts'

let language: SnippetLanguage = 'curl'

/** Every step of a signature, the request, and the same as programs. */
export async function drawSigning(scheme: SigningScheme, values: Record<string, string>): Promise<HTMLElement[]> {
  const now = Date.now()
  const explained = await explainSigning(scheme, values, now)
  const steps = h('ol', { class: 'steps' }, ...explained.steps.map((step) => h('li', {}, drawStep(step))))
  const request = codeBlock({
    caption: explained.request.url,
    label: say('request'),
    text: requestText(explained.request),
  })
  return [steps, h('h3', {}, say('request')), request, await drawPrograms(scheme, values, now)]
}

const bytesOf = (text: string) => say('bytes', { bytes: String(new TextEncoder().encode(text).length) })

/** One step of a signature. */
export function drawStep(step: Step): HTMLElement {
  const title = words.steps[step.name]
  const box = h('div', { class: 'step' }, h('h3', {}, title))
  if (step.key) {
    box.append(h('p', {}, fillIn(words.keys[step.key.form], { bytes: String(step.key.bytes) })))
  } else if (step.parts && step.value === '') {
    box.append(drawParts(step.parts))
  } else {
    const isSigned = step.name === 'string-to-sign'
    const note = isSigned ? say('invisible-hint') : ''
    const shown = isSigned ? showInvisible(step.value) : step.value
    box.append(codeBlock({ caption: bytesOf(step.value), label: title, text: step.value, shown, note }))
    for (const { name, value } of step.parts ?? []) box.append(codeBlock({ caption: name, text: value }))
  }
  return box
}

const drawParts = (parts: NonNullable<Step['parts']>) =>
  h(
    'dl',
    { class: 'facts parts' },
    ...parts.map(({ name, value }) =>
      h('div', {}, h('dt', {}, name), h('dd', {}, h('code', {}, showInvisible(value)))),
    ),
  )

async function drawPrograms(scheme: SigningScheme, values: Record<string, string>, now: number): Promise<HTMLElement> {
  const place = h('div', {})
  const write = async () => {
    const text = await signingSnippet(scheme, language, values, now)
    const named = text.matchAll(/\b[A-Z][A-Z]+_[A-Z_]*(?:SECRET|KEY|FILE|SIGNATURE)\b/g)
    const variable = [...new Set([...named].map(([name]) => name))].join(', ')
    place.replaceChildren(
      codeBlock({ caption: language, text }),
      h('p', { class: 'hint' }, say('programs-hint', { variable })),
    )
  }
  const choices = snippetLanguages.map((name) => {
    const radio = h('input', { type: 'radio', name: 'language', value: name, checked: name === language })
    radio.addEventListener('change', () => {
      language = name
      void write()
    })
    return h('label', {}, radio, h('span', {}, name))
  })
  await write()
  const legend = h('legend', {}, say('programs'))
  return h('div', { class: 'programs' }, h('fieldset', {}, legend, h('div', { class: 'switch' }, ...choices)), place)
}
