import { html } from 'hono/html'
import type { ApiName } from '../../openapi/names.ts'
import { pageHeading } from '../components.ts'
import type { Markup } from '../layout.ts'
import type { Language } from '../messages.ts'
import type { BrowserModules } from '../tools/modules.ts'
import { fieldWords } from '../tools/words.ts'
import type { SandboxValues } from './sandbox-values.ts'
import { type TryField, tryForms } from './try-forms.ts'
import { tryWords } from './try-words.ts'
import { words } from './words.ts'

type Page = {
  name: ApiName
  title: string
  language: Language
  /** null: the reader types them in */
  credentials: SandboxValues | null
  /** under which this server may be called */
  origins: readonly string[]
  modules: BrowserModules
}

type Key = Parameters<typeof tryWords>[1]

/** The form of one signed call. Its script signs, sends and shows; no field has another place to go. */
export function tryView({ name, title, language, credentials, origins, modules }: Page): Markup {
  const say = (key: Key, values?: Record<string, string>) => tryWords(language, key, values)
  const { scheme, fields } = tryForms[name]()
  const { url, preload } = modules.entry('try')
  const texts = modules.made(`words-${language}`)
  const filled = fields.map((field) => ({ ...field, value: valueFor(field, credentials) }))
  const group = (proven: boolean) => filled.filter(({ from }) => (from !== undefined) === proven)
  const told = ['sending', 'answered', 'failed', 'the-request', 'the-answer', 'string-to-sign'] as const
  return html`<p class="back"><a href="/docs/${name}" lang="en">${title}</a></p>
${pageHeading(say('title', { name: title }), { sub: say('sub') })}
<noscript><div class="notice plain" role="status"><p>${say('needs-script')} <code>billfold sign</code></p></div></noscript>
<div id="builder" class="builder" data-origins="${origins.join(' ')}" data-words="${texts}" data-texts="${JSON.stringify(
    Object.fromEntries(told.map((key) => [key, say(key, PLACES)])),
  )}" hidden>
<div class="bench">
<form id="try" class="inputs" data-name="${name}" data-scheme="${scheme ?? ''}" autocomplete="off">
<p class="about-scheme">${say(`about-${name}`, { merchantUid: '{merchantUid}' })}</p>
<fieldset><legend>${say('credentials')}</legend><p class="hint">${
    credentials
      ? say('filled-in')
      : html`${say('not-filled-in')} <a href="/sign-in?next=/docs/${name}/try">${say('sign-in')}</a>`
  }</p>${group(true).map((field) => input(field, language))}</fieldset>
<fieldset><legend>${say('request')}</legend>${group(false).map((field) => input(field, language))}</fieldset>
<div class="buttons"><button class="primary">${say(scheme || name === 'oauth' ? 'send' : 'send-plainly')}</button>${
    filled.some(({ value }) => UUID.test(value))
      ? html`<button type="button" class="quiet" id="again">${say('again')}</button>`
      : ''
  }</div>
</form>
<section class="results" aria-labelledby="results-title"><h2 id="results-title">${say('result')}</h2><div id="verdict" aria-live="polite"><p class="hint">${say('waiting')}</p></div><div id="results"></div></section>
</div>
</div>
<p class="builder-hint">${words(language, 'builder-hint')} <a href="/tools/signature">${words(language, 'builder')}</a>.</p>
${[texts, ...preload].map((one) => html`<link rel="modulepreload" href="${one}">`)}
<script type="module" src="${url}"></script>`
}

// The script puts the values in.
const PLACES = { status: '{status}', ms: '{ms}', reason: '{reason}' }

const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/

const valueFor = ({ from, value }: TryField, credentials: SandboxValues | null): string =>
  (from === undefined ? undefined : credentials?.(from)) ?? value

function input(field: TryField, language: Language): Markup {
  const { name, kind, label, value, choices = [], optional } = field
  const id = `field-${name}`
  const plain = html` id="${id}" name="${name}" autocapitalize="off" spellcheck="false"`
  const must = optional ? '' : html` required`
  const control = () => {
    switch (kind) {
      case 'choice':
        return html`<select id="${id}" name="${name}">${choices.map((choice) => html`<option${choice === value ? html` selected` : ''}>${choice}</option>`)}</select>`
      case 'json':
        return html`<textarea${plain}${must} rows="${Math.min(14, value.split('\n').length)}">${value}</textarea>`
      case 'secret':
        return html`<input type="password" autocomplete="new-password"${plain}${must} value="${value}">`
      case 'line':
        return html`<input type="text" autocomplete="off"${plain}${must} value="${value}">`
    }
  }
  return html`<div class="field"><label for="${id}">${labelOf(label, language)}${
    optional ? html`<span class="hint"> ${tryWords(language, 'optional')}</span>` : ''
  }</label>${control()}</div>`
}

function labelOf(label: string, language: Language): string {
  const known: Record<string, string> = fieldWords[language]
  const own = ['clientId', 'clientSecret', 'scope', 'path', 'merchantUid'] as const
  const named = own.find((name) => name === label)
  return named ? tryWords(language, named) : (known[label] ?? label)
}
