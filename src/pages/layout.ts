import { html } from 'hono/html'
import type { Assets } from './assets.ts'

/** What `html` makes: text whose interpolations were escaped. */
export type Markup = ReturnType<typeof html>

export type Page = {
  /** of the tab; the name of the product follows it */
  title?: string
  /** beside the name, at the top of the page */
  status?: Markup
  /** one of ours, loaded after the page, which works without it */
  script?: 'copy.js'
  body: Markup
}

/** The frame of every page. */
export function layout(assets: Assets, { title, status, script, body }: Page): Markup {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title === undefined ? 'Billfold' : `${title} · Billfold`}</title>
<link rel="icon" type="image/svg+xml" href="${assets.url('logo.svg')}">
<link rel="stylesheet" href="${assets.url('style.css')}">
${script === undefined ? '' : html`<script src="${assets.url(script)}" defer></script>`}
</head>
<body>
<header class="bar">
<a class="brand" href="/"><img src="${assets.url('logo.svg')}" alt="" width="28" height="28">Billfold</a>
${status ?? ''}
</header>
<main>${body}</main>
</body>
</html>`
}
