import { Hono } from 'hono'
import { html } from 'hono/html'
import { makeTotpSecret, totpAddress } from '../../../credentials/totp.ts'
import { addTotp, removeTotp } from '../../../operations/change-factors.ts'
import { button, buttonRow, field, linkButton, pageHeading } from '../../components.ts'
import type { PageContext, PageEnv } from '../../env.ts'
import { csrfField, readForm } from '../../forms.ts'
import type { PagesDeps } from '../../pages.ts'
import { PageProblem } from '../../problem.ts'
import { sessionOf } from '../../session.ts'
import { qrCode } from '../../wallet/qr.ts'
import { codesView } from './code-pages.ts'
import { securityText as text } from './messages.ts'
import type { SecureAct, SecurityTools } from './tools.ts'

/** ms that a secret may wait for its confirming code */
const SET_UP_LIFE = 15 * 60_000

/** Setting up an authenticator app, and removing it. */
export function createTotpPages(deps: PagesDeps, tools: SecurityTools): Hono<PageEnv> {
  const { keyring, clock, config } = deps
  const pages = new Hono<PageEnv>()
  const all = { ...deps, secondFactor: tools.secondFactor }

  const requireTotp = (c: PageContext, there: boolean) => {
    if (sessionOf(c).totp !== there) throw new PageProblem('not-found')
  }

  const setUp = (c: PageContext): SecureAct => {
    const language = c.get('language')
    return { title: text(language, 'totp-set-up'), sub: text(language, 'prove-sub'), submit: text(language, 'go-on') }
  }
  pages.get('/account/security/totp', (c) => {
    requireTotp(c, false)
    return tools.ask(c, setUp(c))
  })
  pages.post('/account/security/totp', async (c) => {
    requireTotp(c, false)
    const proven = await tools.proven(c, () => setUp(c))
    return 'answer' in proven ? proven.answer : scan(c, makeTotpSecret())
  })

  // The secret waits in the page, sealed for this session: nothing is kept of apps that are never confirmed.
  const context = (c: PageContext) => `totp-set-up:${sessionOf(c).id}`
  const sealed = (c: PageContext, secret: string) =>
    keyring.seal(JSON.stringify({ secret, until: clock() + SET_UP_LIFE }), context(c)).toString('base64url')
  function open(c: PageContext, text: string): string | null {
    try {
      const { secret, until } = JSON.parse(keyring.open(Buffer.from(text, 'base64url'), context(c)))
      return until > clock() ? secret : null
    } catch {
      return null
    }
  }

  async function scan(c: PageContext, secret: string, error?: string) {
    const language = c.get('language')
    const { email } = sessionOf(c)
    const issuer = config.publicUrls[0] === undefined ? 'Billfold' : new URL(config.publicUrls[0]).hostname
    const qr = await qrCode(totpAddress(secret, issuer, email), text(language, 'totp-qr'))
    const body = html`<div class="narrow">${pageHeading(text(language, 'totp-scan'), { sub: text(language, 'totp-scan-sub') })}
${qr}
<p class="by-hand">${text(language, 'totp-by-hand')} <code>${secret.replace(/(.{4})(?=.)/g, '$1 ')}</code></p>
<form class="sheet" method="post" action="/account/security/totp/confirm">${csrfField(c)}
<input type="hidden" name="setup" value="${sealed(c, secret)}">
${field({ name: 'code', label: text(language, 'totp-code'), inputmode: 'numeric', autocomplete: 'one-time-code', maxlength: 9, error, autofocus: true })}
${buttonRow(button({ label: text(language, 'totp-confirm') }), linkButton('/account/security', text(language, 'cancel')))}</form></div>`
    return tools.show(c, text(language, 'totp-scan'), body, error === undefined ? 200 : 422)
  }

  pages.post('/account/security/totp/confirm', async (c) => {
    const language = c.get('language')
    const form = await readForm(c)
    const { email, id: sessionId } = sessionOf(c)
    const secret = open(c, form.get('setup') ?? '')
    if (secret === null)
      return tools.ask(
        c,
        { ...setUp(c), action: '/account/security/totp', problem: text(language, 'totp-old') },
        {},
        409,
      )
    const outcome = await addTotp(all, { email, sessionId, language, secret, code: form.get('code') ?? '' })
    if (outcome.result === 'wrong-code') return scan(c, secret, text(language, 'totp-wrong'))
    if (outcome.result === 'there-already') return scan(c, secret, text(language, 'totp-there'))
    if (outcome.codes === null) return c.redirect('/account/security?done=totp', 303)
    return tools.show(c, text(language, 'codes-shown'), codesView(c, outcome.codes, text(language, 'done-totp')))
  })

  const remove = (c: PageContext): SecureAct => {
    const language = c.get('language')
    const title = text(language, 'totp-remove')
    const sub = text(language, sessionOf(c).passkey ? 'totp-remove-sub' : 'last-factor')
    return { title, sub, submit: text(language, 'remove'), danger: true }
  }
  pages.get('/account/security/totp/remove', (c) => {
    requireTotp(c, true)
    return tools.ask(c, remove(c))
  })
  pages.post('/account/security/totp/remove', async (c) => {
    requireTotp(c, true)
    const proven = await tools.proven(c, () => remove(c))
    if ('answer' in proven) return proven.answer
    const { email, id: sessionId } = sessionOf(c)
    await removeTotp(all, { email, sessionId, language: c.get('language') })
    return c.redirect('/account/security?done=totp-removed', 303)
  })

  return pages
}
