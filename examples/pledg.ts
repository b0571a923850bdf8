// A shop sells by Pledg's protocol: Ada pays in three instalments, which the clock of the sandbox makes due; half is given back.

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createPledg } from '#sdk/index.ts'
import { noBrowser, signIn, withBrowser } from './support/browser.ts'
import { fund } from './support/fund.ts'
import { personCalled, readSandbox, walletIn } from './support/sandbox.ts'
import { skip, step, tell } from './support/say.ts'
import { startShop } from './support/shop.ts'

const sandbox = await readSandbox()
const ada = personCalled(sandbox, 'Ada')
const purse = walletIn('EUR', ada)
const { merchant_uid, merchant_secret, api_key, api_secret } = sandbox.pledg
const pledg = createPledg({
  url: sandbox.url,
  credentials: { key: api_key, secret: api_secret },
  merchantSecret: merchant_secret,
})

/** Puts the clock by which instalments are due ahead, as `bin/billfold.mjs` does it for anybody. */
async function advance(time: string): Promise<void> {
  const billfold = fileURLToPath(new URL('../bin/billfold.mjs', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [billfold, 'sandbox', 'advance', time])
  tell({ clock: stdout.trim() })
}

/** Waits until so many instalments are paid; the worker looks every few seconds. */
async function awaitPaid(uid: string, count: number): Promise<void> {
  for (let waited = 0; waited < 60_000; waited += 500) {
    const purchase = (await pledg.purchase(merchant_uid, uid)) as { installments?: { state: string }[] }
    const states = (purchase.installments ?? []).map(({ state }) => state)
    if (states.filter((state) => state === 'paid').length >= count) return tell({ instalments: states.join(', ') })
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  throw new Error(`instalment ${count} was not collected within a minute`)
}

step('The shop signs a purchase of 90 euros and gets a link')
if (noBrowser !== null) {
  skip('the purchase', noBrowser)
} else {
  await fund(sandbox, purse, '90.00')
  const shop = await startShop(pledg)
  try {
    const link = await pledg.purchaseLink(
      {
        merchantUid: merchant_uid,
        amountCents: 9_000,
        reference: `order-${Date.now()}`,
        title: 'Two chairs',
        email: ada.email,
        firstName: 'Ada',
        lastName: 'Moreno',
        redirectUrl: `${shop.url}/thanks`,
        cancelUrl: `${shop.url}/basket`,
        paymentNotificationUrl: `${shop.url}/paid`,
        errorNotificationUrl: `${shop.url}/failed`,
      },
      { expiresIn: 86_400 },
    )
    tell({ purchase: link.uid, link: link.url.replace(/[^/]+$/, '…') })

    step('Ada opens it, signs in and confirms three instalments')
    await withBrowser(async ({ page, picture }) => {
      await page.goto(link.url)
      tell({ 'is asked': await picture('asked') })
      await page.getByRole('link', { name: 'Sign in to pay' }).click()
      await signIn(page, ada)
      await page.getByLabel('In 3 parts').check()
      tell({ chooses: await picture('chooses') })
      await page.getByRole('button', { name: 'Confirm' }).click()
      await page.waitForURL(`${shop.url}/thanks*`)
      tell({ 'comes back with': (await pledg.readRedirect(page.url())).result })
    })
    const paid = await shop.notified('transfer')
    tell({ 'the shop is told': `${paid.kind}, ${paid.content.amount_cents} cents, signed by its secret` })
    await awaitPaid(link.uid, 1)

    step('Two months pass, and the other two are collected')
    await advance('31d')
    await awaitPaid(link.uid, 2)
    await advance('31d')
    await awaitPaid(link.uid, 3)

    step('The shop gives half of it back')
    const { credited_cents } = await pledg
      .credit(link.uid, { amount_cents: 4_500 }, { idempotencyKey: link.uid })
      .then(() => pledg.purchase(merchant_uid, link.uid))
    tell({ credited: `${credited_cents} cents`, 'notifications refused': shop.refused() })
  } finally {
    shop.stop()
  }
}
