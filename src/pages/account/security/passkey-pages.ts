import { Hono } from 'hono'
import { html } from 'hono/html'
import { creationOptions } from '../../../credentials/passkey.ts'
import { addPasskey, passkeyHandle, removePasskey } from '../../../operations/change-factors.ts'
import { OperationRefusal } from '../../../operations/input.ts'
import { listPasskeys } from '../../../storage/passkeys.ts'
import { field, linkButton, notice, pageHeading } from '../../components.ts'
import type { PageContext, PageEnv } from '../../env.ts'
import { passkeyButton, scopeOf } from '../../factors/fields.ts'
import { passkeySite } from '../../factors/site.ts'
import { csrfField, readForm } from '../../forms.ts'
import type { PagesDeps } from '../../pages.ts'
import { PageProblem } from '../../problem.ts'
import { sessionOf } from '../../session.ts'
import { codesView } from './code-pages.ts'
import { securityText as text } from './messages.ts'
import type { SecureAct, SecurityTools } from './tools.ts'

const NEW = '/account/security/passkeys/new'

/** Adding passkeys, and removing them. */
export function createPasskeyPages(deps: PagesDeps, tools: SecurityTools): Hono<PageEnv> {
  const { db, config } = deps
  const all = { ...deps, secondFactor: tools.secondFactor }
  const pages = new Hono<PageEnv>()

  const add = (c: PageContext): SecureAct => {
    const language = c.get('language')
    return { title: text(language, 'passkey-add'), sub: text(language, 'prove-sub'), submit: text(language, 'go-on') }
  }
  pages.get(NEW, (c) => tools.ask(c, add(c)))
  pages.post(NEW, async (c) => {
    const proven = await tools.proven(c, () => add(c))
    return 'answer' in proven ? proven.answer : create(c)
  })

  // The challenge is what remembers that it was proven: only this page gives one for a new passkey.
  async function create(c: PageContext, problem: { name?: string; error?: string } = {}) {
    const language = c.get('language')
    const { email, name: displayName } = sessionOf(c)
    const { bind } = scopeOf(config, c)
    const site = passkeySite(config, c)
    if (!site) throw new PageProblem('not-found')
    const handle = await passkeyHandle(deps, email)
    const person = { email, name: displayName, handle }
    const options = await creationOptions(db, tools.secondFactor.challenges, person, { bind, site })
    const name = field({
      name: 'name',
      label: text(language, 'passkey-name'),
      hint: text(language, 'passkey-name-hint'),
      maxlength: 100,
      value: problem.name,
      error: problem.error,
      autofocus: true,
    })
    const button = passkeyButton(
      language,
      'create',
      JSON.stringify(options),
      text(language, 'passkey-create'),
      'primary',
    )
    const body = html`<div class="narrow">${pageHeading(text(language, 'passkey-create'), { sub: text(language, 'passkey-create-sub') })}
<noscript>${notice('plain', text(language, 'passkey-script'))}</noscript>
<form class="sheet" method="post" action="/account/security/passkeys">${csrfField(c)}${name}
<div class="buttons">${button}${linkButton('/account/security', text(language, 'cancel'))}</div></form></div>`
    return tools.show(c, text(language, 'passkey-create'), body, problem.error === undefined ? 200 : 422)
  }

  pages.post('/account/security/passkeys', async (c) => {
    const language = c.get('language')
    const form = await readForm(c)
    const { email, id: sessionId } = sessionOf(c)
    const name = form.get('name') ?? ''
    const refused = () => tools.ask(c, { ...add(c), action: NEW, problem: text(language, 'passkey-refused') }, {}, 422)
    try {
      const input = { email, sessionId, language, name, passkey: form.get('passkey') ?? '', scope: scopeOf(config, c) }
      const outcome = await addPasskey(all, input)
      if (outcome.result === 'refused') return refused()
      if (outcome.codes === null) return c.redirect('/account/security?done=passkey', 303)
      return tools.show(c, text(language, 'codes-shown'), codesView(c, outcome.codes, text(language, 'done-passkey')))
    } catch (error) {
      if (!(error instanceof OperationRefusal)) throw error
      return refused()
    }
  })

  async function removal(c: PageContext): Promise<SecureAct> {
    const language = c.get('language')
    const { email, totp } = sessionOf(c)
    const keys = await listPasskeys(db, email)
    const key = keys.find(({ id }) => id === c.req.param('id'))
    if (!key) throw new PageProblem('not-found')
    return {
      title: text(language, 'passkey-remove', { name: key.name }),
      sub: text(language, totp || keys.length > 1 ? 'passkey-remove-sub' : 'last-factor'),
      submit: text(language, 'remove'),
      danger: true,
    }
  }
  pages.get('/account/security/passkeys/:id/remove', async (c) => tools.ask(c, await removal(c)))
  pages.post('/account/security/passkeys/:id/remove', async (c) => {
    await removal(c)
    const proven = await tools.proven(c, () => removal(c))
    if ('answer' in proven) return proven.answer
    const { email, id: sessionId } = sessionOf(c)
    await removePasskey(all, { email, sessionId, language: c.get('language'), id: c.req.param('id') })
    return c.redirect('/account/security?done=passkey-removed', 303)
  })

  return pages
}
