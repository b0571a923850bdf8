import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { createWebWallet } from '#sdk/webwallet/client.ts'
import { createDpop, type Dpop } from '#sdk/webwallet/dpop.ts'
import { WebWalletError } from '#sdk/webwallet/error.ts'
import { createOauthClient } from '#sdk/webwallet/oauth.ts'
import type { OauthOptions } from '#sdk/webwallet/token-endpoint.ts'
import { createTokenSession, memoryTokenStore } from '#sdk/webwallet/token-session.ts'
import type { SandboxFile } from '../../../src/operations/fill-sandbox.ts'
import { answerRequest } from '../../support/consent.ts'
import { deleteHome, newHome } from '../../support/engines.ts'
import { freePort, type ServerProcess, spawnServer } from '../../support/server-process.ts'

const ADA = 'us:8301234567:USD'
const MERCHANT = 'shop:corner-cafe:USD'
const redirectUri = 'http://127.0.0.1:9/callback'

const home = newHome()
let server: ServerProcess
let sandbox: SandboxFile
before(async () => {
  server = spawnServer('start', await freePort(), { BILLFOLD_HOME: home })
  await server.ready()
  sandbox = JSON.parse(await readFile(join(home, 'sandbox.json'), 'utf8'))
})
after(async () => {
  await server.interrupt()
  await deleteHome(home)
})

const ada = () => sandbox.people[0] as SandboxFile['people'][number]
const clientOf = (changes: Partial<OauthOptions> = {}) => {
  const { client_id, client_secret } = sandbox.clients.merchant
  return createOauthClient({ url: sandbox.url, clientId: client_id, clientSecret: client_secret, ...changes })
}
const publicClient = (changes: Partial<OauthOptions> = {}) =>
  createOauthClient({ url: sandbox.url, clientId: sandbox.clients.browser.client_id, ...changes })

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'no error',
    (error) => (error instanceof WebWalletError ? error.code : String(error)),
  )

describe('an owner allows an application that uses the SDK', { timeout: 120_000 }, () => {
  for (const [name, pushed, bound] of [
    ['by a request in the address', false, false],
    ['by a pushed request', true, false],
    ['with code and tokens bound to a key', true, true],
  ] as const) {
    it(`${name}; the application reads the wallet, and refreshes`, async () => {
      const dpop: Dpop | undefined = bound ? await createDpop() : undefined
      const oauth = clientOf(dpop === undefined ? {} : { dpop })
      const scope = 'balance payments'
      const { url, pending } = await oauth.authorize({ redirectUri, scope, pushed })
      assert.equal(new URL(url).searchParams.has('request_uri'), pushed)
      // What is pending survives a session store.
      const kept = JSON.parse(JSON.stringify(pending))
      const tokens = await oauth.exchange(await answerRequest(sandbox.url, url, ada()), kept)
      assert.deepEqual([tokens.tokenType, tokens.scope], [bound ? 'DPoP' : 'Bearer', scope])

      const store = memoryTokenStore({ ...tokens, expiresAt: tokens.issuedAt })
      const wallets = createWebWallet({
        url: sandbox.url,
        tokens: createTokenSession(oauth, store),
        signingSecret: sandbox.clients.merchant.signing_secret,
      })
      const balances = await Promise.all(Array.from({ length: 16 }, () => wallets.balance(ADA)))
      assert.ok(balances.every(({ currency }) => currency.code === 'USD'))
      assert.notEqual((await store.load())?.refreshToken, tokens.refreshToken)
      assert.equal(await codeOf(wallets.balance(MERCHANT)), 'wallet-not-allowed')
      if (!bound) return
      const without = await fetch(`${server.url}/${ADA}/balance`, {
        headers: { authorization: `Bearer ${(await store.load())?.accessToken}` },
      })
      assert.equal(without.status, 401)
    })
  }

  it('narrows what is asked for', async () => {
    const oauth = clientOf()
    const { url, pending } = await oauth.authorize({ redirectUri, scope: 'balance payments', askAgain: true })
    const back = await answerRequest(sandbox.url, url, ada(), { scopes: ['balance'] })
    assert.equal((await oauth.exchange(back, pending)).scope, 'balance')
  })

  it('declines, and is asked again only if the application says so', async () => {
    const oauth = clientOf()
    const { url, pending } = await oauth.authorize({ redirectUri, scope: 'balance', askAgain: true })
    const back = await answerRequest(sandbox.url, url, ada(), 'decline')
    assert.equal(await codeOf(oauth.exchange(back, pending)), 'access_denied')
  })

  it('comes back with an address that is believed only if it is the answer to this request', async () => {
    let asked = 0
    const counted: typeof fetch = (input, init) => {
      asked += 1
      return fetch(input, init)
    }
    const oauth = publicClient({ fetch: counted })
    const { url, pending } = await oauth.authorize({ redirectUri: 'http://127.0.0.1:9/', scope: 'balance' })
    const back = await answerRequest(sandbox.url, url, ada())
    const changed = (change: (query: URLSearchParams) => void) => {
      const copy = new URL(back)
      change(copy.searchParams)
      return oauth.exchange(copy, pending)
    }
    const wrong: Record<string, (query: URLSearchParams) => void> = {
      'another state': (query) => query.set('state', 'x'),
      'no state': (query) => query.delete('state'),
      'two states': (query) => query.append('state', 'x'),
      'another issuer': (query) => query.set('iss', 'https://evil.example'),
      'no issuer': (query) => query.delete('iss'),
      'no code': (query) => query.delete('code'),
      'two codes': (query) => query.append('code', 'x'),
    }
    for (const [name, change] of Object.entries(wrong))
      assert.equal(await codeOf(changed(change)), 'callback-mismatch', name)
    assert.equal(asked, 0)

    const stolen = publicClient().exchange(back, { ...pending, codeVerifier: 'A'.repeat(43) })
    assert.equal(await codeOf(stolen), 'invalid_grant')
  })

  it('a code whose answer was lost is not sent again', async () => {
    let asked = 0
    const oauth = publicClient({
      retry: { delay: 1 },
      fetch: async (input, init) => {
        asked += 1
        await (await fetch(input, init)).arrayBuffer()
        throw new TypeError('the answer was lost')
      },
    })
    const { url, pending } = await oauth.authorize({ redirectUri: 'http://127.0.0.1:9/', scope: 'balance' })
    const back = await answerRequest(sandbox.url, url, ada())
    assert.equal(await codeOf(oauth.exchange(back, pending)), 'network-failure')
    assert.equal(asked, 1)
  })

  it('takes the consent back, and the application knows that only the owner can help', async () => {
    const oauth = publicClient()
    const { url, pending } = await oauth.authorize({ redirectUri: 'http://127.0.0.1:9/', scope: 'balance' })
    const tokens = await oauth.exchange(await answerRequest(sandbox.url, url, ada()), pending)
    const wallets = createWebWallet({ url: sandbox.url, tokens: createTokenSession(oauth, memoryTokenStore(tokens)) })
    assert.equal((await wallets.balance(ADA)).currency.code, 'USD')
    await oauth.revoke(tokens.refreshToken as string)
    assert.equal(await codeOf(wallets.balance(ADA)), 'authorization-required')
  })

  it('is not needed by a client that acts for itself, whose tokens can be bound to a key, too', async () => {
    const { client_id, client_secret, signing_secret } = sandbox.clients.merchant
    const used: string[] = []
    const wallets = createWebWallet({
      url: sandbox.url,
      clientId: client_id,
      clientSecret: client_secret,
      signingSecret: signing_secret,
      dpop: await createDpop(),
      fetch: (input, init) => {
        used.push(new Headers(init?.headers).get('dpop') ?? '')
        return fetch(input, init)
      },
    })
    await wallets.balance(MERCHANT)
    await wallets.balance(MERCHANT)
    assert.equal(new Set(used).size, 3)
  })

  it('a token that should be bound, and is not, is not used', async () => {
    const dpop = await createDpop()
    const oauth = clientOf({
      dpop,
      fetch: (input, init) => {
        const headers = new Headers(init?.headers)
        headers.delete('dpop')
        return fetch(input, { ...init, headers })
      },
    })
    assert.equal(await codeOf(oauth.clientCredentials('balance')), 'token-not-bound')
  })
})
