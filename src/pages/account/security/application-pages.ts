import { Hono } from 'hono'
import { html } from 'hono/html'
import { makeApplicationPassword, revokeApplicationPassword } from '../../../operations/application-passwords.ts'
import { isUuid, OperationRefusal } from '../../../operations/input.ts'
import { buttonRow, field, linkButton, notice, pageHeading } from '../../components.ts'
import type { PageContext, PageEnv } from '../../env.ts'
import { readForm } from '../../forms.ts'
import type { PagesDeps } from '../../pages.ts'
import { PageProblem } from '../../problem.ts'
import { sessionOf } from '../../session.ts'
import { securityText as text } from './messages.ts'
import type { SecureAct, SecurityTools } from './tools.ts'

/** Application passwords: made, shown once, revoked. */
export function createApplicationPages(deps: PagesDeps, tools: SecurityTools): Hono<PageEnv> {
  const pages = new Hono<PageEnv>()

  function act(c: PageContext, name?: string, error?: string): SecureAct {
    const language = c.get('language')
    const fields = html`${field({
      name: 'name',
      label: text(language, 'application-name'),
      hint: text(language, 'application-name-hint'),
      maxlength: 100,
      value: name,
      error,
      autofocus: true,
    })}`
    const title = text(language, 'application-make')
    return { title, sub: text(language, 'application-sub'), fields, submit: title }
  }
  pages.get('/account/security/applications/new', (c) => tools.ask(c, act(c)))
  pages.post('/account/security/applications/new', async (c) => {
    const proven = await tools.proven(c, (form) => act(c, form.get('name')))
    if ('answer' in proven) return proven.answer
    const language = c.get('language')
    const name = proven.form.get('name') ?? ''
    try {
      const { secret } = await makeApplicationPassword(deps, { email: sessionOf(c).email, name, language })
      const title = text(language, 'application-shown', { name: name.trim() })
      const body = html`<div class="narrow">${pageHeading(title, { sub: text(language, 'application-shown-sub') })}
<p class="shown-secret"><span class="heard">${text(language, 'application-secret')}</span><code tabindex="0">${secret}</code></p>
${notice('plain', text(language, 'application-warning'))}
${buttonRow(linkButton('/account/security', text(language, 'application-kept'), 'primary'))}</div>`
      return tools.show(c, title, body)
    } catch (error) {
      if (!(error instanceof OperationRefusal)) throw error
      const problem = text(language, error.code === 'conflict' ? 'application-most' : 'name-wrong')
      return tools.ask(c, act(c, name, problem), {}, 422)
    }
  })

  pages.post('/account/security/applications/:id/revoke', async (c) => {
    await readForm(c)
    const id = c.req.param('id')
    const whose = { email: sessionOf(c).email, id, language: c.get('language') }
    if (!isUuid(id) || !(await revokeApplicationPassword(deps, whose))) throw new PageProblem('not-found')
    return c.redirect('/account/security?done=revoked', 303)
  })

  return pages
}
