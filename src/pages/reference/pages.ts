import { Hono } from 'hono'
import { html } from 'hono/html'
import type { OpenApiDocument } from '../../openapi/document.ts'
import { API_NAMES, type ApiDocuments, type ApiName, isApiName } from '../../openapi/names.ts'
import { createCollection } from '../../openapi/postman/create-collection.ts'
import type { PageContext, PageEnv } from '../env.ts'
import { layout, type Markup } from '../layout.ts'
import type { Language } from '../messages.ts'
import type { PagesDeps } from '../pages.ts'
import type { BrowserModules } from '../tools/modules.ts'
import { sandboxValues } from './sandbox-values.ts'
import { createServe } from './serve.ts'
import { tryView } from './try-view.ts'
import { tryWords } from './try-words.ts'
import { groupView, indexView, isLarge, protocolView } from './views.ts'
import { words } from './words.ts'

/** What the reference is made of. `publicUrls`: where this server may be called, the usual address first. */
export type Reference = { documents: ApiDocuments; publicUrls: readonly string[] }

type ReferenceDeps = Pick<PagesDeps, 'assets' | 'config'> & Reference & { modules: BrowserModules }

const HTML = 'text/html; charset=utf-8'
const JSON_TYPE = 'application/json; charset=utf-8'

/** `/docs`: the API of every protocol for people, its documents and collections for programs, and in the sandbox a form to try it. */
export function createReferencePages(deps: ReferenceDeps): Hono<PageEnv> {
  const { assets, config, modules, publicUrls } = deps
  const sandbox = config.mode === 'sandbox'
  const pages = new Hono<PageEnv>()
  const serve = createServe()
  const documents = new Map<ApiName, Promise<OpenApiDocument>>()

  function documentOf(name: ApiName): Promise<OpenApiDocument> {
    let document = documents.get(name)
    if (!document) {
      document = deps.documents[name]()
      document.catch(() => documents.delete(name))
      documents.set(name, document)
    }
    return document
  }

  /** Nothing of who asks stands in it, so that all may be given the same. */
  const frame = (language: Language, title: string, body: Markup): string =>
    String(
      layout(assets, {
        title,
        language,
        style: 'reference/reference.css',
        status: html`<div class="enter"><a href="/docs">${words(language, 'title')}</a></div>`,
        body,
      }),
    )

  pages.get('/docs', (c) => {
    const language = c.get('language')
    return serve(c, `index ${language}`, HTML, async () => {
      const found = await Promise.all(API_NAMES.map(async (name) => ({ name, document: await documentOf(name) })))
      return frame(language, words(language, 'title'), indexView(found, language, sandbox))
    })
  })

  /** What stands before `.json`, where it names a protocol. */
  const named = (c: PageContext): ApiName | null => {
    const name = /^(\w+)\.json$/.exec(c.req.param('file') ?? '')?.[1] ?? ''
    return isApiName(name) ? name : null
  }
  pages.get('/docs/openapi/:file', (c) => {
    const name = named(c)
    if (!name) return c.notFound()
    return serve(c, `openapi ${name}`, JSON_TYPE, async () => JSON.stringify(await documentOf(name)))
  })
  pages.get('/docs/postman/:file', (c) => {
    const name = named(c)
    if (!name) return c.notFound()
    return serve(c, `postman ${name}`, JSON_TYPE, async () =>
      JSON.stringify(createCollection(name, await documentOf(name), publicUrls[0] as string)),
    )
  })

  pages.get('/docs/:name', async (c) => {
    const name = c.req.param('name')
    if (!isApiName(name)) return c.notFound()
    const language = c.get('language')
    return serve(c, `${name} ${language}`, HTML, async () => {
      const document = await documentOf(name)
      return frame(language, document.info.title, protocolView({ name, document, language, sandbox }))
    })
  })

  if (sandbox) {
    pages.get('/docs/:name/try', async (c) => {
      const name = c.req.param('name')
      if (!isApiName(name)) return c.notFound()
      const language = c.get('language')
      const session = c.get('session')
      const { title } = (await documentOf(name)).info
      // The call goes to this server alone.
      c.set('connects', true)
      const credentials = await sandboxValues(config, session)
      const body = tryView({ name, title, language, credentials, origins: publicUrls, modules })
      return c.html(
        layout(assets, {
          title: tryWords(language, 'title', { name: title }),
          session,
          language,
          style: ['tools/tools.css', 'reference/reference.css'],
          body,
        }),
      )
    })
  }

  pages.get('/docs/:name/:tag', async (c) => {
    const { name, tag } = c.req.param()
    if (!isApiName(name)) return c.notFound()
    const document = await documentOf(name)
    if (!isLarge(document) || !document.tags.some((one) => one.name === tag)) return c.notFound()
    const language = c.get('language')
    return serve(c, `${name}/${tag} ${language}`, HTML, async () => {
      const body = groupView({ name, document, language, sandbox }, tag)
      return frame(language, `${tag}, ${document.info.title}`, body as Markup)
    })
  })
  return pages
}
