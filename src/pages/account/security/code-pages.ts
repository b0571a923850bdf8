import { Hono } from 'hono'
import { html } from 'hono/html'
import { renewRecoveryCodes } from '../../../operations/change-factors.ts'
import { buttonRow, linkButton, notice, pageHeading } from '../../components.ts'
import type { PageContext, PageEnv } from '../../env.ts'
import type { Markup } from '../../layout.ts'
import type { PagesDeps } from '../../pages.ts'
import { PageProblem } from '../../problem.ts'
import { sessionOf } from '../../session.ts'
import { securityText as text } from './messages.ts'
import type { SecureAct, SecurityTools } from './tools.ts'

/** New recovery codes. */
export function createCodePages(deps: PagesDeps, tools: SecurityTools): Hono<PageEnv> {
  const pages = new Hono<PageEnv>()

  function act(c: PageContext): SecureAct {
    const { totp, passkey } = sessionOf(c)
    if (!totp && !passkey) throw new PageProblem('not-found')
    const language = c.get('language')
    const title = text(language, 'codes-renew')
    return { title, sub: text(language, 'codes-renew-sub'), submit: title }
  }
  pages.get('/account/security/codes', (c) => tools.ask(c, act(c)))
  pages.post('/account/security/codes', async (c) => {
    act(c)
    const proven = await tools.proven(c, () => act(c))
    if ('answer' in proven) return proven.answer
    const language = c.get('language')
    const { email, id: sessionId } = sessionOf(c)
    const codes = await renewRecoveryCodes(
      { ...deps, secondFactor: tools.secondFactor },
      { email, sessionId, language },
    )
    if (codes === null) throw new PageProblem('not-found')
    return tools.show(c, text(language, 'codes-shown'), codesView(c, codes))
  })
  return pages
}

/** Recovery codes, now and never again. @param done what they came with */
export function codesView(c: PageContext, codes: readonly string[], done?: string): Markup {
  const language = c.get('language')
  return html`<div class="narrow">${pageHeading(text(language, 'codes-shown'), { sub: text(language, 'codes-shown-sub') })}
${done === undefined ? '' : notice('good', done)}
<ol class="recovery-codes">${codes.map((code) => html`<li><code>${code}</code></li>`)}</ol>
${buttonRow(linkButton('/account/security', text(language, 'codes-kept'), 'primary'))}</div>`
}
