import { Hono } from 'hono'
import { listApplicationPasswords } from '../../../storage/application-passwords.ts'
import { listPasskeys } from '../../../storage/passkeys.ts'
import { readFactors } from '../../../storage/second-factors.ts'
import type { PageEnv } from '../../env.ts'
import { passkeySite } from '../../factors/site.ts'
import type { PagesDeps } from '../../pages.ts'
import { sessionOf } from '../../session.ts'
import { createApplicationPages } from './application-pages.ts'
import { createCodePages } from './code-pages.ts'
import { securityText as text } from './messages.ts'
import { createPasskeyPages } from './passkey-pages.ts'
import { createSecurityTools } from './tools.ts'
import { createTotpPages } from './totp-pages.ts'
import { securityView } from './views.ts'

const DONE = ['totp', 'totp-removed', 'passkey', 'passkey-removed', 'revoked'] as const

/** `/account/security`: second factors, passkeys and application passwords of who is signed in. */
export function createSecurityPages(deps: PagesDeps): Hono<PageEnv> {
  const { db, config } = deps
  const tools = createSecurityTools(deps)
  const pages = new Hono<PageEnv>()

  pages.get('/account/security', async (c) => {
    const language = c.get('language')
    const session = sessionOf(c)
    const [factors, passkeys, applications] = await Promise.all([
      readFactors(db, session.email),
      listPasskeys(db, session.email),
      listApplicationPasswords(db, session.email),
    ])
    const done = DONE.find((name) => name === c.req.query('done'))
    const body = securityView(c, {
      session,
      factors,
      passkeys,
      applications,
      here: passkeySite(config, c) !== null,
      elsewhere: config.publicUrls.find((url) => !/^https?:\/\/[\d.[]/.test(url)) ?? null,
      required: session.mustSecure,
      done: done && text(language, `done-${done}`),
    })
    return tools.show(c, text(language, 'security'), body)
  })

  pages.route('/', createTotpPages(deps, tools))
  pages.route('/', createCodePages(deps, tools))
  pages.route('/', createPasskeyPages(deps, tools))
  pages.route('/', createApplicationPages(deps, tools))
  return pages
}
