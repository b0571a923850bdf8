import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { Principal } from '../../../src/credentials/principal.ts'
import { LedgerUnavailable } from '../../../src/ledger/command.ts'
import type { WalletDeps, WalletRequest } from '../../../src/protocols/webwallet/request.ts'
import { handleWallet } from '../../../src/protocols/webwallet/routes.ts'
import { type SandboxServer, startSandboxServer } from '../../support/server.ts'
import { envelope } from '../../support/wallet-client.ts'

let server: SandboxServer
before(async () => {
  server = await startSandboxServer()
})
after(() => server.stop())

const principal: Principal = {
  clientId: 'till',
  clientParty: 'x',
  subject: 'x',
  scopes: new Set(['payments', 'balance']),
  wallets: new Set([1n]),
  public: true,
  signingKey: null,
  scheme: 'Bearer',
  expiresAt: Number.POSITIVE_INFINITY,
}

/** What the real query fails with when the database cannot be reached. */
async function unreachable(): Promise<never> {
  const { openDatabase } = await import('../../../src/storage/database.ts')
  const db = openDatabase({ host: '127.0.0.1', port: 1, user: 'x', database: 'x' })
  return db.query('select 1').finally(() => db.close()) as Promise<never>
}

/** A payment, or a balance, when a part of what the routes work with fails. */
async function ask(changes: Partial<WalletDeps>, endpoint = 'payments'): Promise<string> {
  const limits = { take: () => 0 }
  const own = { verifyAccessToken: () => principal, limits }
  const deps: WalletDeps = { ...server.assembly, ...server.tokens, ...own, ...changes }
  const request: WalletRequest = {
    method: endpoint === 'payments' ? 'POST' : 'GET',
    wallet: 'shop:corner-cafe:USD',
    holder: null,
    action: '',
    endpoint,
    path: `/shop:corner-cafe:USD/${endpoint}`,
    item: '',
    search: '',
    headers: { 'content-type': 'application/json' },
    body: envelope(null, { endpoint, target: 'us:8301234567:USD', amount: 1, currency: 'USD' }),
  }
  const faults: unknown[] = []
  const { status, body, headers } = await handleWallet(deps, request, (fault) => faults.push(fault))
  // A failure that nobody waits for would show now, and end the test.
  await turn()
  const { payload } = JSON.parse(body)
  assert.equal(payload.success, false)
  assert.doesNotMatch(body, /ECONN|127\.0\.0\.1|relation|select/)
  if (status >= 500) assert.equal(faults.length, 1)
  if (status === 503) assert.equal(headers?.['retry-after'], '1')
  return `${status} ${payload.error.code}`
}

describe('when the database is away', () => {
  it('a payment whose wallets have to be looked up is told to come back', async () => {
    assert.equal(await ask({ directory: { find: unreachable } }), '503 unavailable')
  })

  it('so is a request whose token has to be checked, and a balance', async () => {
    assert.equal(await ask({ verifyAccessToken: unreachable }), '503 unavailable')
    const db = { ...server.db, query: unreachable }
    const wallet = await server.assembly.directory.find('shop:corner-cafe:USD')
    const reached = { ...principal, wallets: new Set([wallet?.id as bigint]) }
    assert.equal(await ask({ db, verifyAccessToken: () => reached }, 'balance'), '503 unavailable')
  })

  it('the ledger tells whether the outcome is known', async () => {
    const wallet = await server.assembly.directory.find('shop:corner-cafe:USD')
    const verifyAccessToken = () => ({ ...principal, wallets: new Set([wallet?.id as bigint]) })
    for (const [unknown, expected] of [
      [true, '503 outcome-unknown'],
      [false, '503 unavailable'],
    ] as const) {
      const submit = () => Promise.reject(new LedgerUnavailable('it failed', { unknown }))
      assert.equal(await ask({ verifyAccessToken, ledger: { ...server.assembly.ledger, submit } }), expected)
    }
  })

  it('a defect of ours is a 500 that says nothing of itself', async () => {
    const find = () => Promise.reject(new Error('relation "wallet" does not exist'))
    assert.equal(await ask({ directory: { find } }), '500 internal-error')
  })
})
