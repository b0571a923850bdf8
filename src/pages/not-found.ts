import type { Handler } from 'hono'
import type { Assets } from './assets.ts'
import { alone } from './components.ts'
import type { PageEnv } from './env.ts'
import { layout } from './layout.ts'
import type { Language } from './messages.ts'
import { notFoundText } from './not-found-messages.ts'

/** The answer to whatever no other route took. @param methods what addresses without parameters take, for those that exist */
export function createLastResort(assets: Assets, methods: ReadonlyMap<string, readonly string[]>): Handler<PageEnv> {
  return (c) => {
    const taken = methods.get(c.req.path)
    const wrongMethod = taken !== undefined && !taken.includes(c.req.method)
    const [status, code] = wrongMethod ? ([405, 'method-not-allowed'] as const) : ([404, 'not-found'] as const)
    if (wrongMethod) c.header('allow', taken.join(', '))
    c.header('vary', 'Accept')
    const text = (language: Language, part: 'title' | 'text') =>
      notFoundText(language, `${code}-${part}`, { methods: (taken ?? []).join(', ') })
    // Neither form repeats the path: it is a stranger's text.
    if (!(c.req.header('accept') ?? '').includes('text/html')) {
      return c.json({ error: { code, message: text('en', 'text') } }, status)
    }
    const language = c.get('language')
    const title = text(language, 'title')
    const body = alone(language, { mark: String(status), title, text: text(language, 'text') })
    return c.html(layout(assets, { title, session: c.get('session'), language, body }), status)
  }
}
