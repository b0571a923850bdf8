import {
  createOauthClient,
  createTokenSession,
  createWebWallet,
  type OauthClient,
  type TokenSet,
  type WebWallet,
  WebWalletError,
} from '#sdk/index.ts'
import { noBrowser, type PersonsBrowser, signIn, withBrowser } from './browser.ts'
import { startCallback } from './callback.ts'
import type { Person, Sandbox } from './sandbox.ts'
import { step, tell } from './say.ts'
import { tokenFile } from './token-file.ts'

/** What the café's program asks owners for. */
export const scope = 'balance transactions payments charges refills'

/** The café's program, acting for the café itself. */
export function cafe({ url, clients: { merchant } }: Sandbox): WebWallet {
  return createWebWallet({
    url,
    clientId: merchant.client_id,
    clientSecret: merchant.client_secret,
    signingSecret: merchant.signing_secret,
  })
}

export function cafeOauth({ url, clients: { merchant } }: Sandbox): OauthClient {
  return createOauthClient({ url, clientId: merchant.client_id, clientSecret: merchant.client_secret })
}

/**
 * The café's program, acting for an owner who allowed it. Asks the owner, in a browser, unless there is a consent from before.
 * @returns null where that takes a browser, and there is none
 */
export async function cafeFor(sandbox: Sandbox, owner: Person): Promise<WebWallet | null> {
  const store = storeOf(owner)
  const oauth = cafeOauth(sandbox)
  const tokens = createTokenSession(oauth, store)
  const wallets = createWebWallet({ url: sandbox.url, tokens, signingSecret: sandbox.clients.merchant.signing_secret })
  try {
    await wallets.wallet(owner.wallets[0] as string)
  } catch (error) {
    if (!(error instanceof WebWalletError) || error.code !== 'authorization-required') throw error
    if (noBrowser !== null) return null
    step(`${owner.name} is asked to allow the café, once`)
    await store.save(await askOwner(sandbox, owner))
  }
  return wallets
}

/** The tokens of an owner's consent, kept between runs. */
export const storeOf = ({ email }: Person) => tokenFile(email.replace(/@.*/, ''))

/** Sends an owner to the server to be asked, and gets the tokens for what comes back. */
export async function askOwner(
  sandbox: Sandbox,
  owner: Person,
  look: (browser: PersonsBrowser, name: string) => Promise<void> = async () => {},
): Promise<TokenSet> {
  const oauth = cafeOauth(sandbox)
  const callback = await startCallback()
  try {
    const { url, pending } = await oauth.authorize({
      redirectUri: callback.redirectUri,
      scope,
      askAgain: true,
      pushed: true,
    })
    tell({ 'sent to': url })
    await withBrowser(async (browser) => {
      const { page } = browser
      await page.goto(url)
      await look(browser, 'sign-in')
      await signIn(page, owner)
      await look(browser, 'consent')
      await page.getByRole('button', { name: /^allow/i }).click()
      await page.waitForURL(`${callback.redirectUri}*`)
      await look(browser, 'back-at-the-cafe')
    })
    const address = await callback.arrival
    tell({ 'back at': address.replace(/code=[^&]+/, 'code=…') })
    return await oauth.exchange(address, pending)
  } finally {
    callback.stop()
  }
}
