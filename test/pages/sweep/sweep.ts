import assert from 'node:assert/strict'
import type { Browser, BrowserContext } from 'playwright-core'
import { signIn } from '../../support/browser.ts'
import { servedRoutes } from '../../support/served-routes.ts'
import type { Access } from '../console/access.ts'
import { inspect } from './inspect.ts'
import { lookAt } from './look.ts'
import { createMatcher, type Visited, walkPages } from './walk.ts'

/** Routes whose answers are no pages of ours to go about in. */
const NO_PAGE =
  /\.(csv|json|pdf|svg|js|css|html)$|\.pdf\}$|^\/(assets|embed|healthz|readyz|metrics|\.well-known|vouchers|docs\/(openapi|postman))(\/|$)/

/** Signs in by the form; or comes with cookies, who has done so, or half of it. */
export type Visitor = {
  name: string
  email?: string
  password?: string
  cookies?: ReadonlyMap<string, string>
  from: readonly string[]
}

/** `missed`: routes that nobody got to. `heaviest`: bytes of the page that is transferred as the largest. */
export type Swept = { pages: number; heaviest: number; findings: string[]; missed: string[] }

/**
 * Looks at one page of every route that the server mounts, each by the first visitor who gets there: without a script, and with those of the page where it has some.
 * Every form is sent as it stands: what it lacks is told, and nothing fails.
 */
export async function sweep(browser: Browser, server: Access, visitors: readonly Visitor[]): Promise<Swept> {
  // Passkeys belong to names, never to addresses.
  const url = server.url.replace('127.0.0.1', 'localhost')
  // Pages that need the authorization server are mounted where there is one.
  const table = servedRoutes(server.assembly)
  const routes = [
    ...new Set(table.filter(({ family, method }) => family === 'web' && method === 'GET').map(({ path }) => path)),
  ]
  const match = createMatcher(routes)
  const known = new Set(routes.filter((route) => NO_PAGE.test(route)))
  const [sent, scripts] = [new Set<string>(), new Set<string>()]
  const findings: string[] = []
  let [pages, heaviest] = [0, 0]
  for (const { name, email, password, cookies, from } of visitors) {
    const context = await browser.newContext({ javaScriptEnabled: false, locale: 'en-GB', reducedMotion: 'reduce' })
    if (email !== undefined && password !== undefined) {
      const page = await context.newPage()
      await signIn(page, url, email, password)
      await page.close()
    }
    if (cookies) await context.addCookies([...cookies].map(([name, value]) => ({ name, value, url })))
    const visited = await walkPages(context, url, { from, match, known })
    assert.ok(visited.length > 0, `${name} saw nothing`)
    pages += visited.length
    for (const { path, findings: found } of visited) findings.push(...found.map((one) => `${path} ${one}`))
    findings.push(...(await tabThrough(browser, context, url, visited, scripts)))
    const looked = await lookAt(browser, context, url, visited)
    findings.push(...looked.findings)
    heaviest = Math.max(heaviest, looked.heaviest)
    findings.push(...(await sendForms(context, url, visited, sent)))
    await context.close()
  }
  return { pages, heaviest, findings, missed: routes.filter((route) => !known.has(route)) }
}

/** By Tab alone through a page of each set of scripts, which may add controls and must not keep the focus. */
async function tabThrough(
  browser: Browser,
  signedIn: BrowserContext,
  url: string,
  visited: readonly Visited[],
  known: Set<string>,
): Promise<string[]> {
  const findings: string[] = []
  const fresh = visited.filter(({ scripts }) => {
    const key = scripts.join(' ')
    return key !== '' && !known.has(key) && known.add(key)
  })
  if (fresh.length === 0) return []
  const context = await browser.newContext({
    storageState: await signedIn.storageState(),
    reducedMotion: 'reduce',
    locale: 'en-GB',
  })
  const page = await context.newPage()
  for (const { path } of fresh) {
    // Scripts that read others add their controls when all have come.
    await page.goto(url + path, { waitUntil: 'networkidle' })
    const seen = await page.evaluate(inspect, true)
    findings.push(...seen.findings.map((one) => `${path} with its scripts: ${one}`))
    await page.evaluate(() => {
      ;(document.activeElement as HTMLElement).blur()
      const stops = new Set<EventTarget | null>()
      addEventListener('focusin', ({ target }) => stops.add(target))
      Object.assign(window, { stops })
    })
    for (let presses = 0; presses < seen.stops + 20; presses++) await page.keyboard.press('Tab')
    const left = await page.evaluate(() => {
      const { stops } = window as unknown as { stops: Set<Element> }
      const wanted = [...document.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea, summary')]
      return (
        wanted
          .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !(one as HTMLInputElement).disabled)
          // Of choices that exclude each other, Tab stops at one.
          .filter((one) => !stops.has(one) && (one as HTMLInputElement).type !== 'radio')
          .map((one) => one.outerHTML.slice(0, 120))
      )
    })
    findings.push(...left.map((one) => `${path} Tab does not get to ${one}`))
  }
  await context.close()
  return findings
}

/** Where each form leads, once. */
async function sendForms(context: BrowserContext, url: string, visited: readonly Visited[], sent: Set<string>) {
  const findings: string[] = []
  for (const { action, fields, path } of visited.flatMap(({ forms, path }) =>
    forms.map((form) => ({ ...form, path })),
  )) {
    const kind = action.replaceAll(/\/[^/]*(\d|:)[^/]*/g, '/*')
    if (sent.has(kind) || action === '/sign-out') continue
    sent.add(kind)
    const headers = { 'content-type': 'application/x-www-form-urlencoded', referer: url + path, origin: url }
    const data = new URLSearchParams(fields).toString()
    const answer = await context.request.post(url + action, { headers, data, maxRedirects: 0 })
    const status = answer.status()
    if (![200, 303, 409, 422].includes(status)) findings.push(`${path} its form to ${action} is answered ${status}`)
  }
  return findings
}
