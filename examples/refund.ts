// The café refunds half of what it charged, and cannot refund more than all of it.

import { WebWalletError } from '#sdk/index.ts'
import { noBrowser } from './support/browser.ts'
import { cafe, cafeFor } from './support/cafe.ts'
import { fund } from './support/fund.ts'
import { personCalled, readSandbox, walletIn } from './support/sandbox.ts'
import { skip, step, tell } from './support/say.ts'

const sandbox = await readSandbox()
const ada = personCalled(sandbox, 'Ada')
const source = walletIn('USD', ada)
const target = walletIn('USD', sandbox.clients.merchant)

const forAda = await cafeFor(sandbox, ada)
if (forAda === null) {
  skip('the consent to charge', noBrowser as string)
} else {
  step(`The café charges ${ada.name} 8.00`)
  await fund(sandbox, source, '8.00')
  const charge = await forAda.charge({ source, target, amount: '8.00', currency: 'USD', description: 'Two cakes' })
  tell({ reference: charge.reference })

  step('One cake was stale: it refunds half')
  const half = {
    target: source,
    amount: '4.00',
    currency: 'USD',
    transaction: charge.reference,
    description: 'One cake',
  }
  const refund = await cafe(sandbox).refund(half)
  tell({ reference: refund.reference, "Ada's balance": (await forAda.balance(source)).amount })

  step('A refund of more than what is left is refused')
  const refusal = await cafe(sandbox)
    .refund({ ...half, amount: '4.01' })
    .catch((error: unknown) => error)
  if (!(refusal instanceof WebWalletError)) throw refusal
  tell({ code: refusal.code, says: refusal.message })
}
