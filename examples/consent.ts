// Ada allows the café's program to use her wallets: sign-in and consent, clicked through in a browser.

import { createTokenSession, createWebWallet } from '#sdk/index.ts'
import { noBrowser } from './support/browser.ts'
import { askOwner, cafeOauth, scope, storeOf } from './support/cafe.ts'
import { personCalled, readSandbox, walletIn } from './support/sandbox.ts'
import { skip, step, tell } from './support/say.ts'

const sandbox = await readSandbox()
const ada = personCalled(sandbox, 'Ada')

step(`The café's program asks ${ada.name} for: ${scope}`)
if (noBrowser !== null) {
  skip('sign-in and consent', noBrowser)
} else {
  const tokens = await askOwner(sandbox, ada, async ({ page, picture }, name) => {
    tell({ [name]: `"${await page.title()}", ${await picture(name)}` })
  })

  step('It exchanges the code for tokens, and keeps them')
  const store = storeOf(ada)
  await store.save(tokens)
  tell({ 'token type': tokens.tokenType, granted: tokens.scope, expires: new Date(tokens.expiresAt).toISOString() })

  step('It reads the wallet that it was allowed to read')
  const wallets = createWebWallet({
    url: sandbox.url,
    tokens: createTokenSession(cafeOauth(sandbox), store),
    signingSecret: sandbox.clients.merchant.signing_secret,
  })
  const wallet = walletIn('USD', ada)
  tell({ wallet, balance: (await wallets.balance(wallet)).amount })
}
