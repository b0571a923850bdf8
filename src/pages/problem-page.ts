import type { ErrorHandler } from 'hono'
import { PasswordsBusy } from '../credentials/password.ts'
import { negotiateLanguage } from '../domain/language.ts'
import { LedgerUnavailable } from '../ledger/command.ts'
import { isDatabaseAway } from '../storage/database-away.ts'
import type { Assets } from './assets.ts'
import { alone } from './components.ts'
import type { PageEnv } from './env.ts'
import { frameText } from './frame-messages.ts'
import { layout } from './layout.ts'
import { PageProblem } from './problem.ts'

/** Answers whatever a page threw, with a page. Only faults of ours are logged, and nothing of them is shown. */
export function createProblemPage(
  assets: Assets,
  log: { error(fields: object, message: string): void },
): ErrorHandler<PageEnv> {
  return (error, c) => {
    const problem = explain(error)
    if (problem.code === 'failed') log.error({ err: error, method: c.req.method }, 'a page failed')
    const { status, code } = problem
    if (status === 503) c.header('retry-after', '5')
    if (status === 429) c.header('retry-after', '60')
    // The failure may be that of finding out who asks.
    const language = c.get('language') ?? negotiateLanguage(c.req.header('accept-language'))
    const title = frameText(language, code)
    const body = alone(language, { mark: String(status), title, text: frameText(language, `${code}-text`) })
    return c.html(layout(assets, { title, session: c.get('session') ?? null, language, body }), status)
  }
}

/** What anything that a page threw is to its reader; `failed` is a fault of ours. */
export function explain(error: unknown): PageProblem {
  if (error instanceof PageProblem) return error
  if (error instanceof PasswordsBusy) return new PageProblem('busy')
  // An outcome that is not known is no assurance that nothing was done.
  if (error instanceof LedgerUnavailable) return new PageProblem(error.unknown ? 'failed' : 'unavailable')
  return new PageProblem(isDatabaseAway(error) ? 'unavailable' : 'failed')
}
