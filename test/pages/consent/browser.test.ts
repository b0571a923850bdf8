import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { needsBrowser, openBrowser } from '../../support/browser.ts'
import { type SandboxServer, startSandboxServer } from '../../support/server.ts'

let server: SandboxServer

before(async () => {
  server = await startSandboxServer()
})
after(() => server.stop())

/** An application that shows what it was called with. */
async function startApplication(t: { after(work: () => unknown): void }) {
  const application = createServer((_req, res) =>
    res.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Back</h1>'),
  )
  await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve))
  t.after(() => application.close())
  return `http://127.0.0.1:${(application.address() as AddressInfo).port}`
}

const authorizeUrl = (client: string, redirect: string, extra: Record<string, string> = {}) =>
  `${server.url}/oauth/authorize?${new URLSearchParams({
    client_id: client,
    response_type: 'code',
    redirect_uri: redirect,
    scope: 'balance,charges',
    state: 's',
    ...extra,
  })}`

test(
  'a browser goes from the application through sign-in and consent and back, by keyboard alone at 360 px',
  needsBrowser,
  async (t) => {
    const origin = await startApplication(t)
    const browser = await openBrowser(t)
    const context = await browser.newContext({
      viewport: { width: 360, height: 740 },
      locale: 'en-GB',
      javaScriptEnabled: false,
    })
    const page = await context.newPage()
    const refused: string[] = []
    page.on('console', (message) => /Refused|Content Security/.test(message.text()) && refused.push(message.text()))
    const ben = server.sandbox.people[1] as SandboxServer['sandbox']['people'][number]
    await page.goto(authorizeUrl(server.sandbox.clients.merchant.client_id, `${origin}/callback`))
    await page.locator('input[name=email]').fill(ben.email)
    await page.locator('input[name=password]').fill(ben.password)
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/interaction\//)
    assert.match(await page.locator('h1').innerText(), /Corner Café/)
    const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
    assert.equal(overflow, 0, 'nothing stands out of a narrow screen')
    // Space unticks a box, as it does everywhere; the button that allows is reached by Tab.
    await page.getByLabel('Charge you').focus()
    await page.keyboard.press('Space')
    const allow = page.getByRole('button', { name: 'Allow' })
    for (
      let steps = 0;
      steps < 20 && !(await allow.evaluate('(button) => button === document.activeElement'));
      steps += 1
    )
      await page.keyboard.press('Tab')
    await Promise.all([page.waitForURL(`${origin}/**`), page.keyboard.press('Enter')])
    const target = new URL(page.url())
    assert.ok(target.searchParams.get('code'))
    assert.equal(target.searchParams.get('state'), 's')
    assert.deepEqual(refused, [])
    const [consent] = await server.db.query<{ scopes: string[] }>('select scopes from consent order by granted_at desc')
    assert.deepEqual(consent?.scopes, ['balance'])
    await page.goto(authorizeUrl(server.sandbox.clients.merchant.client_id, `${origin}/callback`, { scope: 'balance' }))
    assert.ok(new URL(page.url()).searchParams.get('code'), 'the second time nothing is asked')
  },
)

test('a browser that declines the implicit flow gets the error in the fragment', needsBrowser, async (t) => {
  const origin = await startApplication(t)
  const browser = await openBrowser(t)
  const page = await (await browser.newContext({ locale: 'fr-FR' })).newPage()
  const carla = server.sandbox.people[2] as SandboxServer['sandbox']['people'][number]
  await page.goto(authorizeUrl(server.sandbox.clients.browser.client_id, `${origin}/`, { response_type: 'token' }))
  await page.locator('input[name=email]').fill(carla.email)
  await page.locator('input[name=password]').fill(carla.password)
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/interaction\//)
  await Promise.all([page.waitForURL(`${origin}/**`), page.getByRole('button', { name: 'Refuser' }).click()])
  assert.match(new URL(page.url()).hash, /^#error=access_denied&/)
})
