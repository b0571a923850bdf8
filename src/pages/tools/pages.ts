import { Hono } from 'hono'
import { html } from 'hono/html'
import { signingSchemes } from '#sdk/explain/types.ts'
import { pageHeading } from '../components.ts'
import type { PageEnv } from '../env.ts'
import { layout, type Markup } from '../layout.ts'
import type { Language } from '../messages.ts'
import type { PagesDeps } from '../pages.ts'
import { browserWords } from './browser-words.ts'
import { type BrowserModules, createBrowserModules } from './modules.ts'
import { schemeWords, toolWords as text } from './words.ts'

/** What the browser is served of our own: one set for all pages, since its address names all of it. */
export const createToolModules = (): BrowserModules =>
  createBrowserModules(['app', 'try'], {
    'words-en': () => moduleOf(browserWords('en')),
    'words-fr': () => moduleOf(browserWords('fr')),
  })

/**
 * `/tools/signature`: signs and checks requests of every scheme. All of it runs in the page; the server learns nothing.
 * @param deps.publicUrls where this server may be called, the usual address first
 */
export function createToolPages(
  deps: Pick<PagesDeps, 'assets'> & { modules: BrowserModules; publicUrls: readonly string[] },
): Hono<PageEnv> {
  const { assets, modules, publicUrls } = deps
  const pages = new Hono<PageEnv>()
  pages.route('/', modules.routes)
  pages.get('/tools/signature', (c) => {
    const language = c.get('language')
    // One of ours that this browser reaches, where it is one: what is signed is an address.
    const host = c.req.header('host')
    const origin = publicUrls.find((url) => URL.parse(url)?.host === host) ?? publicUrls[0] ?? ''
    return c.html(
      layout(assets, {
        title: text(language, 'title'),
        session: c.get('session'),
        language,
        style: 'tools/tools.css',
        body: builder(language, origin, modules),
      }),
    )
  })
  return pages
}

const moduleOf = (value: object) => `export default ${JSON.stringify(value)}\n`

function builder(language: Language, origin: string, modules: BrowserModules): Markup {
  const { url, preload } = modules.entry('app')
  const words = modules.made(`words-${language}`)
  return html`${pageHeading(text(language, 'title'), { sub: text(language, 'sub') })}
<noscript><div class="notice plain" role="status"><p>${text(language, 'needs-script')} <code>billfold sign</code>, <code>billfold verify</code></p></div></noscript>
<div id="builder" class="builder" data-origin="${origin}" data-words="${words}" hidden>
<fieldset class="schemes"><legend>${text(language, 'scheme')}</legend><div class="pills">${signingSchemes.map(
    (scheme, at) =>
      html`<label><input type="radio" name="scheme" value="${scheme}"${at === 0 ? html` checked` : ''}><span>${schemeWords(language, scheme)}</span></label>`,
  )}</div></fieldset>
<p class="about-scheme" id="about" aria-live="polite"></p>
<fieldset class="modes"><legend class="heard">${text(language, 'mode')}</legend><div class="switch">
<label><input type="radio" name="mode" value="sign" checked><span>${text(language, 'sign')}</span></label>
<label><input type="radio" name="mode" value="check"><span>${text(language, 'check')}</span></label>
</div></fieldset>
<div class="bench">
<section class="inputs" aria-labelledby="inputs-title"><h2 id="inputs-title">${text(language, 'inputs')}</h2><div id="inputs"></div></section>
<section class="results" aria-labelledby="results-title"><h2 id="results-title">${text(language, 'results')}</h2><div id="verdict" aria-live="polite"></div><div id="results"></div></section>
</div>
</div>
${[words, ...preload].map((one) => html`<link rel="modulepreload" href="${one}">`)}
<script type="module" src="${url}"></script>`
}
