import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { negotiateLanguage } from '../../domain/language.ts'
import { listStores } from '../../storage/voucher-offers.ts'
import { createAddressReader } from '../address.ts'
import { pageHeading } from '../components.ts'
import { PageProblem } from '../problem.ts'
import type { PageContext, PageEnv } from '../session.ts'
import { type Chooser, showShops, showStore, tellingOf } from './choose.ts'
import type { EmbedDeps } from './deps.ts'
import { framed, framedProblem } from './frame.ts'
import { openPage } from './open.ts'
import { type Reader, requireReader } from './reader.ts'
import { reserveOnPage } from './reserve.ts'
import { showVoucher } from './voucher.ts'
import { embedWords as words } from './words.ts'

const SCRIPT = readFileSync(new URL('jackpot.js', import.meta.url), 'utf8')
const VERSION = `"${hash('sha256', SCRIPT, 'hex').slice(0, 16)}"`

type Handler = (deps: EmbedDeps, c: PageContext) => Promise<Response>

/**
 * The page of a Jackpot session, in a frame of a partner's page. It knows its reader by its path alone and uses no cookie, which
 * browsers keep from frames of other sites; so it stands before everything that does.
 */
export function createEmbedPages(deps: EmbedDeps): Hono<PageEnv> {
  const pages = new Hono<PageEnv>()
  const run = (handler: Handler) => (c: Context<PageEnv>) => handler(deps, c)
  const readAddress = createAddressReader(deps.config.trustedProxies ?? [])
  pages.onError(framedProblem(deps.assets, deps.log))
  pages.use('/embed/jackpot/*', async (c, next) => {
    c.set('language', negotiateLanguage(c.req.header('accept-language')))
    c.set('address', readAddress(c.env?.incoming?.socket?.remoteAddress, c.req.header('x-forwarded-for')))
    await next()
    // The path is the key to the page: it is told to nobody.
    c.res.headers.set('referrer-policy', 'no-referrer')
    // Pages that ask for isolation from others (COEP) may frame it, too.
    c.res.headers.set('cross-origin-resource-policy', 'cross-origin')
    c.res.headers.set('x-robots-tag', 'noindex, nofollow, noarchive')
  })
  pages.get('/embed/jackpot.js', sendScript)
  pages.post('/embed/jackpot', run(openPage))
  pages.get('/embed/jackpot/:key', run(showPage))
  pages.get('/embed/jackpot/:key/state', run(tellState))
  pages.get('/embed/jackpot/:key/stores/:store', run(showOneStore))
  pages.post('/embed/jackpot/:key/reserve', run(reserve))
  return pages
}

/** Under one address for good, which partners write into their pages: it is asked for again after five minutes. */
function sendScript(c: Context<PageEnv>): Response {
  c.header('cache-control', 'public, max-age=300')
  c.header('content-type', 'text/javascript; charset=utf-8')
  c.header('cross-origin-resource-policy', 'cross-origin')
  c.header('etag', VERSION)
  return c.req.header('if-none-match') === VERSION ? c.body(null, 304) : c.body(SCRIPT)
}

const isChooser = (reader: Reader): reader is Chooser =>
  reader.voucher === null && reader.session !== null && reader.session.amount !== null

async function showPage(deps: EmbedDeps, c: PageContext): Promise<Response> {
  const reader = await requireReader(deps, c)
  if (reader.voucher) return showVoucher(deps, c, reader, reader.voucher)
  return isChooser(reader) ? showShops(deps, c, reader) : showOver(deps, c, reader)
}

function showOver(deps: EmbedDeps, c: PageContext, reader: Reader): Response | Promise<Response> {
  const language = c.get('language')
  const body = html`<div class="voucher">${pageHeading(words(language, 'over'), {
    sub: words(language, 'over-text'),
  })}</div>`
  return c.html(
    framed(deps.assets, { language, title: words(language, 'over'), telling: tellingOf(reader), body }),
    410,
  )
}

/** For the page's own script, while it waits. */
async function tellState(deps: EmbedDeps, c: PageContext): Promise<Response> {
  const { voucher } = await requireReader(deps, c)
  return voucher ? c.json({ state: voucher.state }) : c.json({ state: null }, 410)
}

async function showOneStore(deps: EmbedDeps, c: PageContext): Promise<Response> {
  const reader = await requireReader(deps, c)
  if (!isChooser(reader)) return c.redirect(`/embed/jackpot/${reader.path}`, 303)
  const store = await findStore(deps, reader, c.req.param('store') ?? '')
  return showStore(deps, c, reader, { store, amount: c.req.query('amount')?.slice(0, 40) })
}

async function reserve(deps: EmbedDeps, c: PageContext): Promise<Response> {
  const reader = await requireReader(deps, c)
  if (!isChooser(reader)) return c.redirect(`/embed/jackpot/${reader.path}`, 303)
  return reserveOnPage(deps, c, reader, (id) => findStore(deps, reader, id))
}

async function findStore(deps: EmbedDeps, { session }: Chooser, id: string) {
  const store = (await listStores(deps.db, session.asset.id)).find(({ brand }) => brand.id === id)
  if (!store) throw new PageProblem('not-found')
  return store
}
