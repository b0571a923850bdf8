// The café charges Ada's wallet, as she has allowed it to.

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
  step(`The bank puts 20.00 into ${ada.name}'s wallet`)
  await fund(sandbox, source, '20.00')
  tell({ wallet: source, balance: (await forAda.balance(source)).amount })

  step('The café charges it 12.40 for lunch')
  const receipt = await forAda.charge({
    source,
    target,
    amount: '12.40',
    currency: 'USD',
    details: { subtotal: '11.00', taxes: '1.40' },
    description: 'Lunch',
    metadata: { table: 4 },
  })
  tell({ reference: receipt.reference, at: receipt.timestamp })

  step('Both see it')
  tell({
    "Ada's balance": (await forAda.balance(source)).amount,
    "the café's balance": (await cafe(sandbox).balance(target)).amount,
    "Ada's history": (await forAda.transaction(source, receipt.reference)).description,
  })
}
