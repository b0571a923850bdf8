import { html } from 'hono/html'
import manifest from '../../package.json' with { type: 'json' }
import type { Assets } from './assets.ts'
import { buttonRow, linkButton } from './components.ts'
import { FACTS_LIMITS, type Facts } from './facts.ts'
import { FIRST_CALLS, type FirstCall } from './first-calls.ts'
import { layout, type Markup } from './layout.ts'

/** What a production server says of itself to strangers: that it is one. */
export function productionLanding(assets: Assets): Markup {
  return layout(assets, {
    body: html`<section class="alone">
<h1>A Billfold runs here.</h1>
<p><a href="/sign-in">Sign in</a></p>
<p><a href="/docs">API reference</a> and <a href="/tools/signature">signature builder</a>, for those who call it</p>
</section>`,
  })
}

/** @param uptime ms since the start. @param outbox whether there is the page of mails that do not leave */
export function sandboxLanding(assets: Assets, facts: Facts, uptime: number, outbox = true): Markup {
  return layout(assets, {
    status: html`<div class="enter"><p class="status ${facts ? 'good' : 'bad'}">${facts ? 'Ready' : 'Database down'}</p>
<a href="/sign-in">Sign in</a></div>`,
    script: 'copy.js',
    body: html`<section class="hero">
<div class="lead">
<p class="mode">Sandbox</p>
<h1>Wallets on one <span class="whole">double-entry</span> ledger, served from your own machine.</h1>
<p class="sub">Billfold keeps stored value and moves it by signed calls. Everything here is made up and safe to break.</p>
${buttonRow(linkButton('/console', 'Open the console', 'primary'), linkButton('/tools/signature', 'Sign a call'))}
</div>
${slip(facts, uptime)}
</section>
<section class="calls" aria-labelledby="calls">
<h2 id="calls">First calls</h2>
<p class="sub">Three blocks for a shell with <code>curl</code> and <code>openssl</code>. They read their secrets from the file
<code>sandbox.env</code> that the first start wrote.</p>
<ol>${FIRST_CALLS.map(callItem)}</ol>
</section>
${links(outbox)}`,
  })
}

function slip(facts: Facts, uptime: number): Markup {
  return html`<dl class="slip" aria-label="What runs here">
<div><dt>Billfold</dt><dd>${manifest.version}</dd></div>
<div><dt>Mode</dt><dd>sandbox</dd></div>
<div><dt>PostgreSQL</dt><dd>${facts ? facts.postgres.split(' ', 1)[0] : '–'}</dd></div>
<div><dt>Running for</dt><dd>${duration(uptime)}</dd></div>
<div><dt>Wallets</dt><dd>${facts ? upTo(facts.wallets, FACTS_LIMITS.wallets) : '–'}</dd></div>
<div><dt>Assets</dt><dd>${facts ? assetList(facts.assets) : '–'}</dd></div>
</dl>`
}

function assetList(assets: NonNullable<Facts>['assets']): Markup {
  const shown = assets.slice(0, FACTS_LIMITS.assets)
  // The circle that is nobody's in particular goes without saying.
  const items = shown.map(
    ({ code, circle }) => html`<li>${code}${circle === 'public' ? '' : html` <small>${circle}</small>`}</li>`,
  )
  const more = assets.length > shown.length ? html`<li>and more</li>` : ''
  return assets.length === 0 ? html`none yet` : html`<ul class="assets">${items}${more}</ul>`
}

function callItem({ title, text, code }: FirstCall, index: number): Markup {
  return html`<li>
<div class="about"><h3><span class="number" aria-hidden="true">${index + 1}</span>${title}</h3><p>${text}</p></div>
<figure><figcaption>shell<button type="button" data-copy="call-${index + 1}" hidden>Copy</button></figcaption>
<pre tabindex="0" aria-label="${title}"><code id="call-${index + 1}">${highlight(code)}</code></pre></figure>
</li>`
}

/** Variables set apart, so that what is read from the environment shows. */
function highlight(code: string): Markup[] {
  const parts = code.split(/(\$\{[^}]*\}|\$[A-Za-z0-9_]+)/)
  return parts.map((part, index) => (index % 2 === 1 ? html`<var>${part}</var>` : html`${part}`))
}

const LINKS = [
  { href: '/sign-in', name: 'Sign in', text: 'as one of the people in sandbox.json' },
  { href: '/console', name: 'Console', text: 'for its operator: partners, brands, stock, orders' },
  { href: '/outbox', name: 'Outbox', text: 'what would have been mailed' },
  { href: '/tools/signature', name: 'Signature builder', text: 'every step, and why a request is refused' },
  { href: '/docs', name: 'API reference', text: 'every call of every protocol, to read and to try' },
  { href: '/.well-known/oauth-authorization-server', name: 'OAuth', text: 'authorization server metadata' },
  { href: '/healthz', name: 'Health', text: 'the process answers' },
  { href: '/readyz', name: 'Readiness', text: 'the database answers too' },
  { href: '/metrics', name: 'Metrics', text: 'Prometheus text' },
] as const

const DOCUMENTS = [
  { file: 'README.md', text: 'run it, configure it' },
  { file: 'docs/webwallet.md', text: 'the wallet API' },
  { file: 'docs/ledger.md', text: 'how money is kept' },
  { file: 'docs/pages.md', text: 'sign-in, sessions, mail' },
  { file: 'ARCHITECTURE.md', text: 'the map of the code' },
] as const

function links(outbox: boolean): Markup {
  const served = LINKS.filter(({ href }) => outbox || href !== '/outbox')
  return html`<section class="links" aria-labelledby="links">
<h2 id="links">Where next</h2>
<div class="columns">
<nav aria-label="On this server"><h3>On this server</h3><ul>${served.map(
    ({ href, name, text }) => html`<li><a href="${href}">${name}</a><span>${text}</span></li>`,
  )}</ul></nav>
<div><h3>In the repository</h3><ul>${DOCUMENTS.map(
    ({ file, text }) => html`<li><code>${file}</code><span>${text}</span></li>`,
  )}</ul></div>
</div>
</section>`
}

function upTo(count: number, limit: number): string {
  return count > limit ? `more than ${limit.toLocaleString('en')}` : count.toLocaleString('en')
}

/** In the two largest units that matter, e.g. `2 h 5 min`. */
export function duration(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 1) return `${Math.max(0, Math.floor(ms / 1000))} s`
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24]
  if (days > 0) return `${days} d ${hours} h`
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`
}
