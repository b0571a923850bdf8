import type { IncomingMessage } from 'node:http'
import { html } from 'hono/html'
import { negotiateLanguage } from '../../domain/language.ts'
import type { AuthorizationRefusal, RefusalPage } from '../../protocols/oauth/people.ts'
import { type Assets, createAssets } from '../assets.ts'
import { headersOfPage } from '../headers.ts'
import { layout } from '../layout.ts'
import { consentText as text } from './messages.ts'

/** What a person sees whose authorization request can neither go on nor be sent back (RFC 6749 section 4.1.2.1). */
export function createRefusalPage(assets: Assets = createAssets()) {
  return (req: IncomingMessage, { status, reason, error, description }: AuthorizationRefusal): RefusalPage => {
    const language = negotiateLanguage(req.headers['accept-language'])
    const [title, sentence] =
      reason === 'interaction'
        ? [text(language, 'gone-title'), text(language, 'gone-text')]
        : [text(language, `refused-${reason}`), text(language, `refused-${reason}-text`)]
    const body = html`<section class="alone">
<p class="mode">${status}</p>
<h1>${title}.</h1>
<p class="sub">${sentence}</p>
${reason === 'interaction' ? '' : html`<p class="hint">${text(language, 'for-developers', { error, description })}</p>`}
</section>`
    return {
      headers: { ...headersOfPage(), 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
      body: String(layout(assets, { title, language, body })),
    }
  }
}
