import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type * as Sdk from '#sdk/index.ts'
import type { SandboxFile } from '../../../src/operations/fill-sandbox.ts'
import { needsBrowser, openBrowser } from '../../support/browser.ts'
import { deleteHome, newHome } from '../../support/engines.ts'
import { startModuleServer } from '../../support/module-server.ts'
import { freePort, type ServerProcess, spawnServer } from '../../support/server-process.ts'
import { createCaller, grantToken } from '../../support/wallet-client.ts'

const ADA = 'us:8301234567:USD'
const MERCHANT = 'shop:corner-cafe:USD'

const home = newHome()
let server: ServerProcess
let sandbox: SandboxFile
before(async () => {
  server = spawnServer('start', await freePort(), { BILLFOLD_HOME: home })
  await server.ready()
  sandbox = JSON.parse(await readFile(join(home, 'sandbox.json'), 'utf8'))
  const { gateway } = sandbox.clients
  const token = await grantToken(server.url, gateway.client_id, gateway.client_secret)
  const caller = createCaller(server.url, { id: gateway.client_id, signingSecret: gateway.signing_secret, token })
  const funds = { endpoint: 'funds', source: 'bank:gateway:USD', target: ADA, amount: '10.00', currency: 'USD' }
  await caller.done(`/${ADA}/funds`, funds)
})
after(async () => {
  await server.interrupt()
  await deleteHome(home)
})

/** What the scripts in the page share; its members live in the page. */
type Shop = {
  sdk: typeof Sdk
  keep(keys: CryptoKeyPair): Promise<void>
  kept(): Promise<CryptoKeyPair>
}
declare const shop: Shop

/** Runs in the page: loads the SDK as a browser does, and offers a place for a key pair that survives the redirect. */
async function openShop(): Promise<void> {
  const store = () =>
    new Promise<IDBObjectStore>((resolve, reject) => {
      const opening = indexedDB.open('shop', 1)
      opening.onupgradeneeded = () => opening.result.createObjectStore('keys')
      opening.onerror = () => reject(opening.error)
      opening.onsuccess = () => resolve(opening.result.transaction('keys', 'readwrite').objectStore('keys'))
    })
  const done = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })
  const sdk = await import('/sdk/index.ts' as string)
  const keep = async (keys: CryptoKeyPair) => void (await done((await store()).put(keys, 'dpop')))
  const kept = async () => done((await store()).get('dpop'))
  Object.assign(globalThis, { shop: { sdk, keep, kept } })
}

describe('the SDK in a browser, as a public client', { timeout: 120_000 }, () => {
  it(
    'is allowed by the owner, reads, pays, refreshes, checks a token, and works in a worker',
    needsBrowser,
    async (t) => {
      const site = await startModuleServer()
      t.after(() => site.stop())
      const browser = await openBrowser(t)
      const page = await browser.newPage({ locale: 'en-GB' })
      const problems: string[] = []
      page.on('pageerror', (error) => problems.push(String(error)))
      const facts = { url: sandbox.url, clientId: sandbox.clients.browser.client_id, ada: ADA, merchant: MERCHANT }
      const ada = sandbox.people[0] as SandboxFile['people'][number]

      await page.goto(site.url)
      await page.evaluate(openShop)
      const address = await page.evaluate(async ({ url, clientId }) => {
        const dpop = await shop.sdk.createDpop()
        await shop.keep(dpop.keys)
        const oauth = shop.sdk.createOauthClient({ url, clientId, dpop })
        const begun = await oauth.authorize({
          redirectUri: `${location.origin}/`,
          scope: 'balance payments transactions charges',
        })
        sessionStorage.setItem('pending', JSON.stringify(begun.pending))
        return begun.url
      }, facts)

      await page.goto(address)
      await page.locator('input[name=email]').fill(ada.email)
      await page.locator('input[name=password]').fill(ada.password)
      await page.locator('main form button').first().click()
      await page.getByRole('button', { name: 'Allow' }).click()
      await page.waitForURL(`${site.url}/?*`)

      await page.evaluate(openShop)
      const seen = await page.evaluate(async ({ url, clientId, ada, merchant }) => {
        const { sdk } = shop
        const dpop = await sdk.createDpop({ keys: await shop.kept() })
        const oauth = sdk.createOauthClient({ url, clientId, dpop })
        const tokens = await oauth.exchange(location.href, JSON.parse(sessionStorage.getItem('pending') ?? ''))
        history.replaceState(null, '', '/')
        const store = sdk.memoryTokenStore({ ...tokens, expiresAt: tokens.issuedAt })
        const wallets = sdk.createWebWallet({ url, tokens: sdk.createTokenSession(oauth, store) })
        const before = await wallets.balance(ada)
        const paid = await wallets.pay({ target: merchant, payer: ada, amount: '1.25', currency: 'USD' })
        const after = await wallets.balance(ada)
        const lines: string[] = []
        for await (const { reference } of wallets.transactions(ada, { limit: 1 })) lines.push(reference)
        const handed = await wallets.issueToken({
          operation: 'charges',
          source: ada,
          target: merchant,
          amount: 2,
          currency: 'USD',
          expiry: new Date(Date.now() + 60_000).toISOString(),
        })
        const claims = await wallets.checkToken(handed.token, { audience: merchant })
        const refused = await wallets
          .pay({ target: merchant, payer: ada, amount: '1000', currency: 'USD' })
          .catch((error: Sdk.WebWalletError) => ({ code: error.code, key: error.idempotencyKey }))
        const kept = await store.load()
        return {
          type: tokens.tokenType,
          rotated: kept?.refreshToken !== tokens.refreshToken,
          moved: Number(before.amount) - Number(after.amount),
          newest: lines[0] === paid.reference,
          lines: lines.length,
          claims: [claims.source, claims.target, claims.amount],
          refused,
          kept,
        }
      }, facts)
      const { kept, refused, ...did } = seen
      assert.deepEqual(did, {
        type: 'DPoP',
        rotated: true,
        moved: 1.25,
        newest: true,
        lines: 2,
        claims: [ADA, MERCHANT, 2],
      })
      assert.equal('code' in refused && refused.code, 'unavailable-funds')

      const inWorker = await page.evaluate(
        async ({ url, clientId, ada, origin, tokens }) => {
          const script = `
          const sdk = await import('${origin}/sdk/index.ts')
          onmessage = async ({ data: { url, clientId, ada, keys, tokens } }) => {
            const dpop = await sdk.createDpop({ keys })
            const oauth = sdk.createOauthClient({ url, clientId, dpop })
            const session = sdk.createTokenSession(oauth, sdk.memoryTokenStore(tokens))
            postMessage((await sdk.createWebWallet({ url, tokens: session }).balance(ada)).amount)
          }
          postMessage('ready')`
          const worker = new Worker(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })), {
            type: 'module',
          })
          const said = () =>
            new Promise((resolve, reject) => {
              worker.onmessage = ({ data }) => resolve(data)
              worker.onerror = (error) => reject(new Error(error.message))
            })
          await said()
          const answer = said()
          worker.postMessage({ url, clientId, ada, keys: await shop.kept(), tokens })
          return answer
        },
        { ...facts, origin: site.url, tokens: kept },
      )
      assert.equal(inWorker, 8.75)
      assert.deepEqual(problems, [])
    },
  )
})
