import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { SandboxFile } from '../../src/operations/fill-sandbox.ts'
import { needsBrowser, openBrowser, signIn } from '../support/browser.ts'
import { deleteHome, newHome } from '../support/engines.ts'
import { freePort, type ServerProcess, spawnServer } from '../support/server-process.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const missing = ['curl', 'openssl'].find((tool) => spawnSync(tool, ['version']).error)
const needs = { skip: needsBrowser.skip || (missing !== undefined && `there is no ${missing}`) }

const home = newHome()
let server: ServerProcess
let sandbox: SandboxFile
before(async () => {
  server = spawnServer('start', await freePort(), { BILLFOLD_HOME: home })
  await server.ready()
  sandbox = JSON.parse(await readFile(join(home, 'sandbox.json'), 'utf8'))
})
after(async () => {
  await server.interrupt()
  await deleteHome(home)
})

describe('the till of the sandbox', { timeout: 120_000 }, () => {
  it('is opened with the sign-in in sandbox.json, and redeems a card that an example has bought', needs, async (t) => {
    const env = { ...process.env, BILLFOLD_HOME: home }
    const { stdout } = await run('sh', ['examples/walleo.sh'], { cwd: root, env })
    const { card } = JSON.parse(stdout.split('\n').find((text) => text.startsWith('{"card":')) as string)
    const browser = await openBrowser(t)
    const page = await (await browser.newContext({ locale: 'en-GB', viewport: { width: 390, height: 800 } })).newPage()
    const { email, password } = sandbox.till
    await signIn(page, server.url, email, password, '/till')
    assert.equal(new URL(page.url()).pathname, '/till')
    await page.locator('input[name=code]').fill(card.code.toLowerCase())
    await page.locator('button[value=look]').click()
    await page.getByText('EUR\u00a050.00').first().waitFor()
    await page.locator('input[name=amount]').fill('12.50')
    await page.locator('button[value=redeem]').click()
    await page.waitForURL('**/till/redemptions/**')
    const receipt = (await page.locator('main').innerText()).replaceAll('\u00a0', ' ')
    assert.match(receipt, /12\.50/)
    assert.match(receipt, /37\.50/)
    assert.ok(!receipt.includes(card.code))
  })

  it('takes cards in pounds too, such as those of the other example', async () => {
    const headers = { authorization: `Bearer ${sandbox.operator.api_key}` }
    for (const currency of ['EUR', 'GBP', 'USD']) {
      const answer = await fetch(`${server.url}/admin/v1/wallets/shop:corner-cafe:${currency}`, { headers })
      assert.equal(answer.status, 200, currency)
    }
    for (const brand of ['amazon', 'ikeafr', 'sync-open-code-uk']) {
      const answer = await fetch(`${server.url}/admin/v1/brands/${brand}/merchants`, { headers })
      assert.match(await answer.text(), /Corner Café/, brand)
    }
  })
})
