// Ben's wallet is a child of Ada's. A program that Ben allowed asks for a refill, within what Ada's standing policy lets it draw.

import { WebWalletError } from '#sdk/index.ts'
import { noBrowser } from './support/browser.ts'
import { cafeFor } from './support/cafe.ts'
import { fund } from './support/fund.ts'
import { personCalled, readSandbox, walletIn } from './support/sandbox.ts'
import { skip, step, tell } from './support/say.ts'

const sandbox = await readSandbox()
const [ada, ben] = [personCalled(sandbox, 'Ada'), personCalled(sandbox, 'Ben')]
const [parent, child] = [walletIn('USD', ada), walletIn('USD', ben)]

const forBen = await cafeFor(sandbox, ben)
if (forBen === null) {
  skip('the consent to ask for refills', noBrowser as string)
} else {
  step(`${ben.name}'s wallet asks for 0.05 from ${ada.name}'s`)
  await fund(sandbox, parent, '30.00')
  const before = await forBen.balance(child)
  const refill = await forBen.refill({ target: child, amount: '0.05', currency: 'USD' })
  tell({ before: before.amount, after: (await forBen.balance(child)).amount, reference: refill.reference })

  step('More at once than the policy allows is refused')
  const refusal = await forBen
    .refill({ target: child, amount: '25.01', currency: 'USD' })
    .catch((error: unknown) => error)
  if (!(refusal instanceof WebWalletError)) throw refusal
  tell({ code: refusal.code, says: refusal.message })

  step('He spends it, so that his wallet never fills up')
  const target = walletIn('USD', sandbox.clients.merchant)
  await forBen.pay({ payer: child, target, amount: '0.05', currency: 'USD', description: 'A biscuit' })
  tell({ balance: (await forBen.balance(child)).amount })
}
