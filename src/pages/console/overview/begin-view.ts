import { html } from 'hono/html'
import type { Beginnings } from '../../../storage/beginnings.ts'
import { section } from '../../components.ts'
import type { Markup } from '../../layout.ts'
import type { Language } from '../../messages.ts'
import { overviewWords as words } from './words.ts'

/** Each with the pages where it is done. */
const STEPS = [
  { step: 'partner', ways: [['begin-new-partner', '/console/partners/new']] },
  { step: 'float', ways: [['begin-partners', '/console/partners']] },
  {
    step: 'brand',
    ways: [
      ['begin-new-brand', '/console/brands/new'],
      ['begin-stock', '/console/stock'],
    ],
  },
  { step: 'key', ways: [['begin-partners', '/console/partners']] },
  { step: 'order', ways: [['begin-sign', '/tools/signature#walleo']] },
] as const

/** The way to the first sale, until there is one. */
export function beginView(there: Beginnings, language: Language): Markup | '' {
  if (there.order) return ''
  const lines = STEPS.map(({ step, ways }) => {
    const done = there[step] ? html` <span class="tag good">${words(language, 'begin-done')}</span>` : ''
    const links = ways.map(
      ([word, href], index) => html`${index === 0 ? ' ' : ' · '}<a href="${href}">${words(language, word)}</a>`,
    )
    return html`<li><span>${words(language, `begin-${step}`)}</span>${done}${links}</li>`
  })
  return section('begin', words(language, 'begin'), html`<ol class="attention">${lines}</ol>`, {
    sub: words(language, 'begin-sub'),
  })
}
