import { Hono } from 'hono'
import type { Keyring } from '../credentials/keyring.ts'
import type { Deps } from '../deps.ts'
import { HEALTH_PATHS } from '../http/health.ts'
import type { GiftDeps } from '../operations/gift-cards/gift-deps.ts'
import type { Oauth } from '../protocols/oauth/oauth.ts'
import { createAccountPages } from './account/pages.ts'
import { type Assets, createAssets } from './assets.ts'
import { createCardPages } from './cards/pages.ts'
import type { CheckoutDeps } from './checkout/deps.ts'
import { createCheckoutPages } from './checkout/pages.ts'
import { createConsentPages } from './consent/pages.ts'
import { createConsolePages } from './console/pages.ts'
import { createEmbedPages } from './embed/pages.ts'
import type { PageEnv } from './env.ts'
import { createFacts } from './facts.ts'
import { pageHeaders } from './headers.ts'
import { productionLanding, sandboxLanding } from './landing.ts'
import { createLastResort } from './not-found.ts'
import { createOutboxPages } from './outbox/pages.ts'
import { createProblemPage } from './problem-page.ts'
import { createReferencePages, type Reference } from './reference/pages.ts'
import { readSession } from './session.ts'
import { createSignInPages } from './sign-in/pages.ts'
import { createTillPages } from './till/pages.ts'
import { createToolModules, createToolPages } from './tools/pages.ts'
import { createVoucherPages } from './vouchers/pages.ts'
import { createWalletPages } from './wallet/pages.ts'

export type PagesDeps = Pick<
  Deps,
  'config' | 'db' | 'ledger' | 'directory' | 'passwords' | 'clock' | 'log' | 'mailer' | 'rates'
> & {
  keyring: Keyring
  assets: Assets
}

/** What a family of pages needs beside; without it the family is not there. */
type Families = {
  reference?: Reference
  oauth?: Oauth
  console?: Deps
  gift?: GiftDeps
  checkout?: Pick<CheckoutDeps, 'purchases' | 'openFront'>
}

/** The HTML that people see, and the answer to every path that no other family knows: mount it last. */
export function createPages(outer: Omit<PagesDeps, 'assets'> & Families): Hono<PageEnv> {
  const { config, db, clock, log, mailer, oauth, gift, checkout, reference } = outer
  const started = clock()
  const assets = createAssets()
  const deps: PagesDeps = { ...outer, assets }
  const facts = createFacts(db, clock)
  const pages = new Hono<PageEnv>()
  pages.onError(createProblemPage(assets, log))
  pages.use(pageHeaders(config.mode))
  pages.get('/', async (c) =>
    c.html(
      config.mode === 'production'
        ? productionLanding(assets)
        : sandboxLanding(assets, await facts(), clock() - started, !mailer.leaves),
    ),
  )
  pages.route('/', assets.routes)
  // Uses nothing of who is signed in.
  if (gift) pages.route('/', createEmbedPages({ ...deps, gift }))

  // From here on a page knows who asks.
  pages.use(readSession(deps))
  pages.route('/', createSignInPages(deps))
  pages.route('/', createAccountPages(deps))
  pages.route('/', createOutboxPages(deps))
  const modules = createToolModules()
  pages.route('/', createToolPages({ ...deps, modules, publicUrls: reference?.publicUrls ?? config.publicUrls }))
  if (reference) pages.route('/', createReferencePages({ ...deps, ...reference, modules }))
  if (gift) pages.route('/', createCardPages({ ...deps, gift }))
  if (gift) pages.route('/', createTillPages({ ...deps, gift }))
  if (gift) pages.route('/', createVoucherPages({ ...deps, gift }))
  if (checkout) pages.route('/', createCheckoutPages({ ...deps, ...checkout }))
  if (oauth) pages.route('/', createWalletPages({ ...deps, oauth }))
  if (oauth) pages.route('/', createConsentPages({ ...deps, oauth }))
  if (outer.console) pages.route('/', createConsolePages({ ...outer.console, assets }))

  pages.all('*', createLastResort(assets, methodsOf(pages)))
  return pages
}

/** What has no 405 of its own. */
function methodsOf(pages: Hono<PageEnv>): Map<string, string[]> {
  const methods = new Map(HEALTH_PATHS.map((path) => [path, ['GET', 'HEAD']]))
  for (const { method, path } of pages.routes) {
    if (method === 'ALL' || path.includes(':')) continue
    const known = methods.get(path) ?? []
    methods.set(path, [...known, ...(method === 'GET' ? ['GET', 'HEAD'] : [method])])
  }
  return methods
}
