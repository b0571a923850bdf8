import assert from 'node:assert/strict'
import test from 'node:test'
import jwt from 'jsonwebtoken'
import type * as Sdk from '#sdk/index.ts'
import { needsBrowser, openBrowser } from '../../support/browser.ts'
import { startModuleServer } from '../../support/module-server.ts'

const secret = 'a secret of Jackpot’s or Pledg’s'
const voucher = { id: 'v-1', state: 'RESERVED', value: 110, price: 100, reservationDate: '2026-01-01T00:00:00Z' }

test('the clients of Jackpot and Pledg sign, ask and prove in a browser', needsBrowser, async (t) => {
  const site = await startModuleServer()
  t.after(() => site.stop())
  const page = await (await openBrowser(t)).newPage()
  const asked: string[] = []
  await page.route('**/upstream/**', async (route) => {
    const request = route.request()
    asked.push(`${request.method()} ${new URL(request.url()).pathname} ${await request.headerValue('authorization')}`)
    // The first answer is lost on its way.
    await (asked.length === 1 ? route.abort('connectionreset') : route.fulfill({ json: voucher }))
  })
  await page.goto(site.url)
  const body = JSON.stringify({ signature: jwt.sign({ reference: 'r', state: 'SCORING_KO' }, secret) })
  const found = await page.evaluate(
    async ({ secret, body }) => {
      const sdk: typeof Sdk = await import('/sdk/index.ts' as string)
      const session = sdk.createJackpotSession({ url: `${location.origin}/upstream`, accessToken: 'bearer' })
      const reserved = await session.reserveByPrice({ storeId: 's', offerId: 'o', price: 100 })
      const jackpot = sdk.createJackpot({ url: location.origin, apiKey: 'ABCD', apiSignature: secret })
      const verdicts = [await sdk.verifyPledgNotification(body, secret), await sdk.verifyPledgNotification(body, 'x')]
      return {
        state: reserved.state,
        token: await jackpot.initializationToken({ amount: 100, notificationKey: 'k' }),
        verdicts: verdicts.map((verdict) => (verdict.ok ? verdict.kind : verdict.refusal)),
      }
    },
    { secret, body },
  )
  assert.equal(found.state, 'RESERVED')
  assert.deepEqual(asked, Array(2).fill('POST /upstream/v2/stores/s/offers/o/reserve-voucher-by-price Bearer bearer'))
  assert.equal((jwt.verify(found.token, secret) as { notificationKey: string }).notificationKey, 'k')
  assert.deepEqual(found.verdicts, ['error', 'wrong-signature'])
})
