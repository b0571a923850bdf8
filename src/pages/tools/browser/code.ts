import { h } from './dom.ts'
import { say } from './words.ts'

type Block = {
  /** Stands over the text. */
  caption: string
  /** What the text is, for those who hear it; the caption where it is absent. */
  label?: string
  text: string
  /** The text with its invisible characters shown; copied is the text as it is. */
  shown?: string
  note?: string
}

/** A block of text to read and to take along. */
export function codeBlock({ caption, label = caption, text, shown = text, note = '' }: Block): HTMLElement {
  const code = h('code', {}, shown)
  const button = h(
    'button',
    { type: 'button', 'aria-live': 'polite' },
    say('copy'),
    h('span', { class: 'heard' }, ` ${label}`),
  )
  button.addEventListener('click', () => copy(button, code, text))
  return h(
    'figure',
    { class: 'code' },
    h('figcaption', {}, h('span', { class: 'caption' }, caption, note === '' ? null : h('small', {}, note)), button),
    h('pre', { tabindex: '0', role: 'group', 'aria-label': label }, code),
  )
}

async function copy(button: HTMLElement, code: HTMLElement, text: string): Promise<void> {
  const before = [...button.childNodes]
  try {
    await navigator.clipboard.writeText(text)
    button.textContent = say('copied')
  } catch {
    // Over plain HTTP the clipboard is closed.
    getSelection()?.selectAllChildren(code)
    button.textContent = say('selected')
  }
  setTimeout(() => {
    button.replaceChildren(...before)
  }, 2000)
}
