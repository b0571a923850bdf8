// The café sends Ada an invoice; she reads it on her page and pays it there.

import { noBrowser, signIn, withBrowser } from './support/browser.ts'
import { cafe } from './support/cafe.ts'
import { fund } from './support/fund.ts'
import { personCalled, readSandbox, walletIn } from './support/sandbox.ts'
import { skip, step, tell } from './support/say.ts'

const sandbox = await readSandbox()
const ada = personCalled(sandbox, 'Ada')
const debtor = walletIn('USD', ada)
const issuer = walletIn('USD', sandbox.clients.merchant)
const wallets = cafe(sandbox)

step(`The café sends ${ada.name} an invoice of 6.30`)
await fund(sandbox, debtor, '6.30')
const { reference } = await wallets.sendInvoice({
  target: debtor,
  issuer,
  amount: '6.30',
  currency: 'USD',
  details: { subtotal: '5.80', taxes: '0.50' },
  description: 'Breakfast',
  expiry: new Date(Date.now() + 24 * 3_600_000).toISOString(),
})
tell({ reference, state: (await wallets.invoice(issuer, reference)).status })

if (noBrowser !== null) {
  skip('the payment on the page', noBrowser)
} else {
  step('She signs in, reads it and pays')
  await withBrowser(async ({ page, picture }) => {
    const look = async (name: string) => tell({ [name]: `"${await page.title()}", ${await picture(name)}` })
    await page.goto(`${sandbox.url}/sign-in?next=${encodeURIComponent(`/wallet/invoices/${reference}`)}`)
    await signIn(page, ada)
    await look('invoice')
    await page.getByRole('link', { name: /^Pay/ }).click()
    await look('question')
    await page.getByRole('button', { name: /^Pay/ }).click()
    await page.waitForURL('**/transactions/**')
    await look('receipt')
  })

  step('The café sees that it is paid')
  const { status, payment, settled } = await wallets.invoice(issuer, reference)
  tell({ state: status, payment, at: settled })
}
