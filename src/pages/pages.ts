import { Hono } from 'hono'
import type { Config } from '../config.ts'
import type { Sql } from '../storage/database.ts'
import { createAssets } from './assets.ts'
import { createFacts } from './facts.ts'
import { pageHeaders } from './headers.ts'
import { productionLanding, sandboxLanding } from './landing.ts'
import { createLastResort } from './not-found.ts'

export type PagesDeps = {
  config: Pick<Config, 'mode'>
  db: Sql
  /** ms since the epoch */
  clock: () => number
}

/** Addresses of other families that exist without a 405 of their own. */
const READABLE_ELSEWHERE = ['/healthz', '/readyz', '/metrics']

/** The HTML that people see, and the answer to every path that no other family knows: mount it last. */
export function createPages({ config, db, clock }: PagesDeps): Hono {
  const started = clock()
  const assets = createAssets()
  const facts = createFacts(db, clock)
  const pages = new Hono()
  pages.use(pageHeaders(config.mode))
  pages.get('/', async (c) =>
    c.html(
      config.mode === 'production'
        ? productionLanding(assets)
        : sandboxLanding(assets, await facts(), clock() - started),
    ),
  )
  pages.route('/', assets.routes)
  const readable = pages.routes.filter(({ method }) => method === 'GET').map(({ path }) => path)
  pages.all('*', createLastResort(assets, new Set([...readable, ...READABLE_ELSEWHERE])))
  return pages
}
