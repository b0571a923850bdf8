import { diagnose, explainSigning, guessScheme } from '#sdk/explain/explain.ts'
import { fillIn } from '#sdk/explain/fill-in.ts'
import type { Diagnosis, SigningScheme } from '#sdk/explain/types.ts'
import { showInvisible } from '#sdk/explain/visible.ts'
import { codeBlock } from './code.ts'
import { h } from './dom.ts'
import { requestText } from './request-text.ts'
import { say, words } from './words.ts'

export type Checked = { verdict: HTMLElement[]; results: HTMLElement[] }

/** What is wrong with what was pasted. @param choose goes on to another scheme */
export async function drawChecking(
  scheme: SigningScheme,
  values: Record<string, string>,
  choose: (scheme: SigningScheme) => void,
): Promise<Checked> {
  const pasted = values.pasted ?? ''
  if (pasted.trim() === '') return { verdict: [], results: [h('p', { class: 'empty' }, say('empty'))] }
  const guessed = guessScheme(pasted)
  const other = guessed === null || guessed === scheme ? [] : [drawOther(guessed, choose)]
  const result = await diagnose(scheme, pasted, values)
  return { verdict: [...other, drawVerdict(result)], results: result.valid ? [] : drawExpected(result) }
}

function drawOther(guessed: SigningScheme, choose: (scheme: SigningScheme) => void): HTMLElement {
  const label = document.querySelector<HTMLInputElement>(`input[name=scheme][value="${guessed}"]`)?.parentElement
  const go = h('button', { type: 'button', class: 'quiet', onclick: () => choose(guessed) }, say('switch-scheme'))
  const text = h('p', {}, say('detected', { scheme: label?.textContent ?? guessed }))
  return h('div', { class: 'notice plain' }, text, go)
}

function drawVerdict({ valid, findings }: Diagnosis): HTMLElement {
  if (valid) return h('div', { class: 'notice good', 'data-valid': 'true' }, h('p', {}, say('good')))
  const count = String(findings.length)
  const many = findings.length === 1 ? say('one-mistake') : say('more-mistakes', { count })
  return h(
    'div',
    { class: 'notice bad', 'data-valid': 'false' },
    h('p', {}, h('strong', {}, say('bad')), ` ${many}`),
    h(
      'ol',
      { class: 'findings' },
      ...findings.map(({ mistake, values }) =>
        h('li', { 'data-mistake': mistake }, fillIn(words.mistakes[mistake], values), ' ', h('code', {}, mistake)),
      ),
    ),
  )
}

function drawExpected({ stringToSign, expected }: Diagnosis): HTMLElement[] {
  if (stringToSign === null) return []
  const note = say('invisible-hint')
  return [
    codeBlock({ caption: say('should-sign'), text: stringToSign, shown: showInvisible(stringToSign), note }),
    ...(expected === null ? [] : [codeBlock({ caption: say('should-be'), text: expected })]),
  ]
}

/** What each example is spoilt by. A scheme that signs a time is late instead. */
const spoilt: Partial<Record<SigningScheme, (text: string) => string>> = {
  webwallet: (text) => text.replace(/"\}$/, '="}'),
  'transaction-token': (text) => text.replace(/"\}\}$/, '=="}}'),
  'pledg-request': (text) => text.replace(/( HTTP\/1\.1)/, '%3D$1'),
  'pledg-notification': (text) => text.replace(/[0-9A-F]{64}/, (hash) => hash.toLowerCase()),
  jackpot: (text) => text.replace(/"\}$/, '="}'),
}

/** The example of a scheme, signed and then spoilt: so one sees what the page does before one has anything to paste. */
export async function failingExample(scheme: SigningScheme, values: Record<string, string>): Promise<string> {
  const { request } = await explainSigning(scheme, { ...values, timestamp: '' }, Date.now() - 3 * 3_600_000)
  return spoilt[scheme]?.(requestText(request)) ?? requestText(request)
}
