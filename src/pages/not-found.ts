import type { Context } from 'hono'
import { html } from 'hono/html'
import type { Assets } from './assets.ts'
import { layout } from './layout.ts'

type Refusal = { status: 404 | 405; code: string; title: string; message: string }

const NOT_FOUND: Refusal = {
  status: 404,
  code: 'not-found',
  title: 'Nothing is here',
  message: 'There is no such address on this server',
}
const METHOD_NOT_ALLOWED: Refusal = {
  status: 405,
  code: 'method-not-allowed',
  title: 'Not this way',
  message: 'This address takes GET and HEAD only',
}

/** The answer to whatever no other route took. @param readable addresses that exist, for GET */
export function createLastResort(assets: Assets, readable: ReadonlySet<string>) {
  return (c: Context): Response | Promise<Response> => {
    const wrongMethod = readable.has(c.req.path) && c.req.method !== 'GET' && c.req.method !== 'HEAD'
    const { status, code, title, message } = wrongMethod ? METHOD_NOT_ALLOWED : NOT_FOUND
    if (wrongMethod) c.header('allow', 'GET, HEAD')
    c.header('vary', 'Accept')
    // Neither form repeats the path: it is a stranger's text.
    if (!(c.req.header('accept') ?? '').includes('text/html')) return c.json({ error: { code, message } }, status)
    const body = html`<section class="alone">
<p class="mode">${status}</p>
<h1>${title}.</h1>
<p class="sub">${message}. <a href="/">To the front page</a></p>
</section>`
    return c.html(layout(assets, { title, body }), status)
  }
}
