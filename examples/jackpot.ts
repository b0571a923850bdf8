// A partner turns the 100 that a person has won into a card with a bonus: chosen in a frame on the partner's page, confirmed by its server.

import { createJackpot } from '#sdk/index.ts'
import { noBrowser, withBrowser } from './support/browser.ts'
import { type Believed, startPartner } from './support/partner.ts'
import { readSandbox } from './support/sandbox.ts'
import { skip, step, tell } from './support/say.ts'

const sandbox = await readSandbox()
const { api_key, api_signature, client_secret, allowed_domains } = sandbox.jackpot
const jackpot = createJackpot({
  url: sandbox.url,
  apiKey: api_key,
  apiSignature: api_signature,
  clientSecret: client_secret,
})

/** Where the partner is told what happens, as the operator sets it. @returns what it was */
async function notify(url: string | null): Promise<string | null> {
  const path = `${sandbox.url}/admin/v1/partners/sandbox/jackpot`
  const headers = { authorization: `Bearer ${sandbox.operator.api_key}`, 'content-type': 'application/json' }
  const before = (await (await fetch(path, { headers })).json()) as { notification_url: string | null }
  const changed = await fetch(path, { method: 'PATCH', headers, body: JSON.stringify({ notification_url: url }) })
  if (!changed.ok) throw new Error(`The address for notifications was not taken: ${await changed.text()}`)
  return before.notification_url
}

step('The partner is allowed to frame the page, and its server listens for notifications')
const told: Believed[] = []
const keys = new Set<string>()
const partner = await startPartner(jackpot, {
  script: `${sandbox.url}/embed/jackpot.js`,
  async onNotification(believed) {
    if (!('voucher' in believed) || !keys.has(believed.notificationKey ?? '')) return
    told.push(believed)
    // The one thing that costs money. Of a session of our own, and asked of the server itself: not what a page says.
    if (believed.voucher.state === 'RESERVED') await jackpot.confirm(believed.voucher.id)
  },
})
const before = await notify(`http://127.0.0.1:${partner.port}/notifications`)
tell({ 'allowed domains': allowed_domains.join(', '), notifications: `http://127.0.0.1:${partner.port}/notifications` })

/** A session for the 100 that a person has won, for the page's script. */
async function open(person: string): Promise<void> {
  const session = await jackpot.openSession({ amount: 100, userId: person })
  keys.add(session.notificationKey as string)
  partner.sessions.set(person, session.accessToken)
}

try {
  step('Its server opens a session for 100')
  await open('ada')
  tell({ stores: (await jackpot.stores()).map(({ name }) => name).join(', ') })
  if (noBrowser !== null) {
    skip('the choice', noBrowser)
  } else {
    await withBrowser(
      async ({ page, picture }) => {
        step('A person chooses in the frame')
        const frame = page.frameLocator('iframe')
        await page.goto(`http://localhost:${partner.port}/?person=ada`)
        await frame.getByRole('link', { name: /bonus/ }).first().click()
        await frame.getByRole('button', { name: 'Reserve this card' }).waitFor()
        tell({ picture: await picture('choice') })
        await frame.getByRole('button', { name: 'Reserve this card' }).click()

        step('The notification is checked by asking for the voucher, which is confirmed; the card comes into the frame')
        await frame.getByRole('heading', { name: 'Your card is ready' }).waitFor()
        tell({ picture: await picture('card'), 'the page was told': await page.locator('#news').textContent() })
        while (!told.some(({ event }) => event === 'coupon/ready')) await new Promise((go) => setTimeout(go, 100))
        const last = told.at(-1)
        if (last && 'voucher' in last) {
          const { state, price, value, couponId } = last.voucher
          tell({ told: told.map(({ event }) => event).join(', '), state, price, value, couponId })
        }
        if (partner.refused.length > 0) throw new Error(`Not believed: ${partner.refused}`)

        step('The same page on a domain that is not allowed shows nothing')
        await open('ben')
        await page.goto(`http://foreign.example:${partner.port}/?person=ben`)
        await page.locator('#news', { hasText: 'failed' }).waitFor({ timeout: 20_000 })
        if ((await frame.locator('main').count()) > 0) throw new Error('A foreign domain framed the page')
        tell({ 'the page was told': 'failed' })
      },
      ['--host-resolver-rules=MAP foreign.example 127.0.0.1'],
    )
  }
} finally {
  await notify(before)
  partner.stop()
}
