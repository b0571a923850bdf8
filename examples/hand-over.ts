// Ada makes a link on her page: so much, for the café alone, once. The café checks it without asking anyone, and uses it.

import { WebWalletError } from '#sdk/index.ts'
import { noBrowser, signIn, withBrowser } from './support/browser.ts'
import { cafe } from './support/cafe.ts'
import { fund } from './support/fund.ts'
import { personCalled, readSandbox, walletIn } from './support/sandbox.ts'
import { skip, step, tell } from './support/say.ts'

const sandbox = await readSandbox()
const ada = personCalled(sandbox, 'Ada')
const source = walletIn('USD', ada)
const target = walletIn('USD', sandbox.clients.merchant)
const wallets = cafe(sandbox)

if (noBrowser !== null) {
  skip('the link made on the page', noBrowser)
} else {
  step(`${ada.name} makes a link for 3.20`)
  await fund(sandbox, source, '6.40')
  const link = await withBrowser(async ({ page, picture }) => {
    await page.goto(`${sandbox.url}/sign-in?next=${encodeURIComponent('/wallet/handovers/new')}`)
    await signIn(page, ada)
    await page.locator('input[name=kind][value=charges]').check()
    await page.locator('select[name=wallet]').selectOption(source)
    await page.locator('input[name=other]').fill(target)
    await page.locator('input[name=amount]').fill('3.20')
    await page.locator('input[name=description]').fill('Ice cream')
    await page.locator('main form button').last().click()
    await page.waitForURL(/\/wallet\/handovers\/[0-9a-f-]{36}$/)
    tell({ picture: await picture('link') })
    return (await page.locator('#link').textContent()) ?? ''
  })
  tell({ link: `${link.slice(0, link.indexOf('#') + 12)}…` })

  step('The café checks what the link says, by the public keys of the server')
  const token = link.slice(link.indexOf('#') + 1)
  const claims = await wallets.checkToken(token, { audience: target })
  tell({
    amount: `${claims.amount} ${claims.currency}`,
    from: claims.source,
    to: claims.target,
    for: claims.description,
    until: new Date(claims.exp * 1000).toISOString(),
  })

  step('It uses it')
  const receipt = await wallets.redeemToken(token, target)
  tell({ reference: receipt.reference, "the café's balance": (await wallets.balance(target)).amount })

  step('A second time it is refused')
  const refusal = await wallets.redeemToken(token, target).catch((error: unknown) => error)
  if (!(refusal instanceof WebWalletError)) throw refusal
  tell({ code: refusal.code, says: refusal.message })
}
