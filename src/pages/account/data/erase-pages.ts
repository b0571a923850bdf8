import { Hono } from 'hono'
import { OperationRefusal } from '../../../operations/input.ts'
import { eraseByLink, readErasureLink } from '../../../operations/people/request-erasure.ts'
import { alone } from '../../components.ts'
import type { PageContext, PageEnv } from '../../env.ts'
import { PageProblem, readForm } from '../../forms.ts'
import { layout, type Markup } from '../../layout.ts'
import type { PagesDeps } from '../../pages.ts'
import { dataText as text } from './messages.ts'
import { confirmView } from './views.ts'

/** `/erase/:token`: where the mailed link leads. Opening it changes nothing. */
export function createErasePages(deps: PagesDeps): Hono<PageEnv> {
  const pages = new Hono<PageEnv>()

  const show = (
    c: PageContext,
    title: string,
    body: Markup,
    session: PageEnv['Variables']['session'],
    status: 200 | 409 = 200,
  ) => c.html(layout(deps.assets, { title, session, language: c.get('language'), body }), status)

  async function ask(c: PageContext, token: string, status: 200 | 409 = 200) {
    const asked = await readErasureLink(deps, token)
    if (!asked) throw new PageProblem('link-dead')
    return show(c, text(c.get('language'), 'erase-confirm'), confirmView(c, asked), c.get('session'), status)
  }

  pages.get('/erase/:token', (c) => ask(c, c.req.param('token')))

  pages.post('/erase/:token', async (c) => {
    await readForm(c)
    const token = c.req.param('token')
    try {
      if (!(await eraseByLink(deps, token))) throw new PageProblem('link-dead')
    } catch (error) {
      if (error instanceof OperationRefusal && error.code === 'conflict') return ask(c, token, 409)
      throw error
    }
    const language = c.get('language')
    const title = text(language, 'erased')
    // Whoever was signed in is nobody any more.
    return show(c, title, alone(language, { title, text: text(language, 'erased-text') }), null)
  })

  return pages
}
