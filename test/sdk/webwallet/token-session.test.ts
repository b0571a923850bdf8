import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createWebWallet } from '#sdk/webwallet/client.ts'
import { WebWalletError } from '#sdk/webwallet/error.ts'
import { createOauthClient } from '#sdk/webwallet/oauth.ts'
import { createTokenSession, memoryTokenStore, type TokenStore } from '#sdk/webwallet/token-session.ts'
import type { TokenSet } from '#sdk/webwallet/token-source.ts'
import { type SandboxServer, startSandboxServer } from '../../support/server.ts'

const MERCHANT = 'shop:corner-cafe:USD'

let server: SandboxServer
before(async () => {
  server = await startSandboxServer()
})
after(() => server.stop())

/** A client whose requests can be watched and whose answers can be lost. */
function setUp(lose: (url: string, count: number) => boolean = () => false) {
  const { client_id, client_secret, signing_secret } = server.sandbox.clients.merchant
  const asked: { url: string; grant: string | null }[] = []
  const watched: typeof fetch = async (input, init) => {
    const url = String(input)
    asked.push({ url, grant: new URLSearchParams(String(init?.body ?? '')).get('grant_type') })
    const response = await fetch(input, init)
    if (!lose(url, asked.filter((one) => one.url === url).length)) return response
    await response.arrayBuffer()
    throw new TypeError('the answer was lost')
  }
  const options = { url: server.url, fetch: watched, retry: { delay: 1 } }
  const client = createOauthClient({ ...options, clientId: client_id, clientSecret: client_secret })
  const walletsWith = (store: TokenStore, clock?: () => number) =>
    createWebWallet({ ...options, signingSecret: signing_secret, tokens: createTokenSession(client, store, clock) })
  const refreshes = () => asked.filter(({ grant }) => grant === 'refresh_token').length
  return { client, walletsWith, refreshes }
}

/** A pair whose access token is no longer worth sending. */
const stale = (tokens: TokenSet): TokenSet => ({ ...tokens, expiresAt: tokens.issuedAt })

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'no error',
    (error) => (error instanceof WebWalletError ? error.code : String(error)),
  )

describe('a session of tokens, with the real server', () => {
  it('makes one refresh of 64 callers, and keeps the pair before anyone uses it', async () => {
    const { client, walletsWith, refreshes } = setUp()
    const first = await client.clientCredentials()
    const store = memoryTokenStore(stale(first))
    const saved: TokenSet[] = []
    const wallets = walletsWith({
      load: store.load,
      async save(tokens) {
        await new Promise((resolve) => setTimeout(resolve, 20))
        saved.push(tokens)
        store.save(tokens)
      },
    })
    await Promise.all(Array.from({ length: 64 }, () => wallets.balance(MERCHANT)))
    assert.equal(refreshes(), 1)
    assert.equal(saved.length, 1)
    assert.notEqual(saved[0]?.refreshToken, first.refreshToken)
    assert.equal(await store.load(), saved[0])
  })

  it('makes one refresh of 64 callers whose token the server refuses', async () => {
    const { client, walletsWith, refreshes } = setUp()
    const first = await client.clientCredentials()
    const wallets = walletsWith(
      memoryTokenStore({ ...first, accessToken: `${first.accessToken.slice(0, -8)}AAAAAAAA` }),
    )
    await Promise.all(Array.from({ length: 64 }, () => wallets.balance(MERCHANT)))
    assert.equal(refreshes(), 1)
  })

  it('repeats a refresh whose answer was lost, and gets the pair that was made', async () => {
    const { client, walletsWith, refreshes } = setUp((url, count) => url.endsWith('/oauth/token') && count === 2)
    const store = memoryTokenStore(stale(await client.clientCredentials()))
    const wallets = walletsWith(store)
    await wallets.balance(MERCHANT)
    assert.equal(refreshes(), 2)
    // The family lives: a reuse would have ended it.
    store.save(stale((await store.load()) as TokenSet))
    await walletsWith(store).balance(MERCHANT)
    assert.equal(refreshes(), 3)
  })

  it('keeps the same pair at the next call when keeping it failed, without asking again', async () => {
    const { client, walletsWith, refreshes } = setUp()
    const store = memoryTokenStore(stale(await client.clientCredentials()))
    let full = true
    const wallets = walletsWith({
      load: store.load,
      save(tokens) {
        if (full) throw new Error('the disk is full')
        store.save(tokens)
      },
    })
    await assert.rejects(wallets.balance(MERCHANT), /the disk is full/)
    full = false
    await wallets.balance(MERCHANT)
    assert.equal(refreshes(), 1)
  })

  it('takes over what another process put into the store', async () => {
    const { client, walletsWith, refreshes } = setUp()
    const store = memoryTokenStore(stale(await client.clientCredentials()))
    const [one, other] = [walletsWith(store), walletsWith(store)]
    await Promise.all([one.balance(MERCHANT), other.balance(MERCHANT)])
    const shared = await store.load()
    const before = refreshes()
    await one.balance(MERCHANT)
    await other.balance(MERCHANT)
    assert.equal(refreshes(), before)
    assert.equal(await store.load(), shared)
  })

  it('says that only the owner can help when there is no consent, or it has ended', async () => {
    const { client, walletsWith } = setUp()
    assert.equal(await codeOf(walletsWith(memoryTokenStore()).balance(MERCHANT)), 'authorization-required')
    const tokens = await client.clientCredentials()
    const wallets = walletsWith(memoryTokenStore(stale(tokens)))
    await client.revoke(tokens.refreshToken as string)
    assert.equal(await codeOf(wallets.balance(MERCHANT)), 'authorization-required')
    const bare = walletsWith(memoryTokenStore({ ...stale(tokens), refreshToken: null }))
    assert.equal(await codeOf(bare.balance(MERCHANT)), 'authorization-required')
  })

  it('tells the client about its tokens, and ends them', async () => {
    const { client } = setUp()
    const { accessToken } = await client.clientCredentials('balance payments')
    const known = await client.introspect(accessToken)
    assert.deepEqual([known.active, known.scope], [true, 'balance payments'])
    await client.revoke(accessToken)
    assert.deepEqual(await client.introspect(accessToken), { active: false })
  })
})
