import type { ErrorHandler } from 'hono'
import { html } from 'hono/html'
import type { Assets } from '../assets.ts'
import { pageHeading } from '../components.ts'
import type { PageEnv } from '../env.ts'
import { frameText } from '../frame-messages.ts'
import type { Markup } from '../layout.ts'
import type { Language } from '../messages.ts'
import { explain } from '../problem-page.ts'
import { embedWords as words } from './words.ts'

/** What the page around the frame is told; nothing that opens or is a card. */
export type Telling = {
  /** the only origin that hears it */
  host: string
  /** JSON text; null: that the page is there, and nothing else */
  voucher: string | null
}

/** A page inside of somebody's page: without bar and navigation, and with nothing that leads out of the frame. */
export function framed(
  assets: Assets,
  page: { language: Language; title?: string; telling: Telling | null; body: Markup },
): Markup {
  const { language, telling, body } = page
  const title = page.title ?? words(language, 'title')
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title}</title>
<link rel="icon" type="image/svg+xml" href="${assets.url('logo.svg')}">
<link rel="stylesheet" href="${assets.url('style.css')}">
<link rel="stylesheet" href="${assets.url('embed/embed.css')}">
<script src="${assets.url('embed/frame.js')}" defer></script>
</head>
<body class="framed"${telling === null ? '' : html` data-host="${telling.host}"`}${
    telling?.voucher ? html` data-voucher="${telling.voucher}"` : ''
  }>
<main id="content" tabindex="-1">${body}</main>
</body>
</html>`
}

/** Answers whatever a page of a frame threw, with a page that leads nowhere else. Only faults of ours are logged. */
export function framedProblem(
  assets: Assets,
  log: { error(fields: object, message: string): void },
): ErrorHandler<PageEnv> {
  return (error, c) => {
    const { code, status } = explain(error)
    if (code === 'failed') log.error({ err: error, method: c.req.method }, 'a page failed')
    if (status === 503) c.header('retry-after', '5')
    const language = c.get('language')
    const title = frameText(language, code)
    const body = pageHeading(title, { sub: frameText(language, `${code}-text`) })
    return c.html(framed(assets, { language, title, telling: null, body }), status)
  }
}
