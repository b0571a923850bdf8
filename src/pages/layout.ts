import { html } from 'hono/html'
import type { AssetName, Assets } from './assets.ts'
import type { PageSession } from './env.ts'
import { csrfInput } from './forms.ts'
import { frameText } from './frame-messages.ts'
import type { Language } from './messages.ts'

/** What `html` makes: text whose interpolations were escaped. */
export type Markup = ReturnType<typeof html>

const PLACES = {
  wallets: '/wallet',
  applications: '/wallet/applications',
  handovers: '/wallet/handovers',
  console: '/console',
  account: '/account',
} as const

/** The parts of the site that a signed-in person goes about in. */
export type Place = keyof typeof PLACES

type OneOrMore<Name> = Name | readonly Name[]

export type Page = {
  /** of the tab; the name of the product follows it */
  title?: string
  /** who is signed in, and so has the navigation */
  session?: PageSession | null
  /** of the page; English when absent */
  language?: Language
  /** where in the navigation this page is */
  nav?: Place
  /** beside the name, at the top of the page; stands where the navigation would */
  status?: Markup
  /** a family's own sheet, after the common one */
  style?: OneOrMore<Extract<AssetName, `${string}.css`>>
  /** ours, loaded after the page, which works without them; run in their order */
  script?: OneOrMore<Extract<AssetName, `${string}.js`>>
  body: Markup
}

/** The frame of every page. */
export function layout(assets: Assets, page: Page): Markup {
  const { title, session, language = 'en', style, script, body } = page
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title === undefined ? 'Billfold' : `${title} · Billfold`}</title>
<link rel="icon" type="image/svg+xml" href="${assets.url('logo.svg')}">
<link rel="stylesheet" href="${assets.url('style.css')}">
${listOf(style).map((name) => html`<link rel="stylesheet" href="${assets.url(name)}">`)}
${listOf(script).map((name) => html`<script src="${assets.url(name)}" defer></script>`)}
</head>
<body>
<a class="skip" href="#content">${frameText(language, 'skip')}</a>
<header class="bar">
<a class="brand" href="/"><img src="${assets.url('logo.svg')}" alt="" width="28" height="28">Billfold</a>
${page.status ?? (session ? navigation(session, language, page.nav) : '')}
</header>
<main id="content" tabindex="-1">${body}</main>
</body>
</html>`
}

const listOf = <Name extends string>(names: OneOrMore<Name> | undefined): readonly Name[] =>
  typeof names === 'string' ? [names] : (names ?? [])

/** The console is there for those who have one; an operator's own wallets, if there are any, stay reachable. */
const placesOf = ({ operator, business }: PageSession): Place[] =>
  (Object.keys(PLACES) as Place[]).filter((place) => place !== 'console' || operator || business)

function navigation(session: PageSession, language: Language, here: Place | undefined): Markup {
  const links = placesOf(session).map(
    (place) =>
      html`<li><a href="${PLACES[place]}"${place === here ? html` aria-current="page"` : ''}>${frameText(language, place)}</a></li>`,
  )
  return html`<nav class="places" aria-label="${frameText(language, 'main')}"><ul>${links}</ul></nav>
<form class="leave" method="post" action="/sign-out">${csrfInput(session.csrf)}<button class="quiet" title="${frameText(
    language,
    'signed-in-as',
    { name: session.name },
  )}">${frameText(language, 'sign-out')}</button></form>`
}
