import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { isReservedNamespace } from '../../../src/domain/wallet-id.ts'
import { isOauthPath } from '../../../src/protocols/oauth/routes.ts'
import { matchWallet } from '../../../src/protocols/webwallet/mount.ts'
import { walletRoutes } from '../../../src/protocols/webwallet/routes.ts'
import { servedRoutes } from '../../support/served-routes.ts'
import { type SandboxServer, startSandboxServer } from '../../support/server.ts'
import { refused, send } from '../../support/wallet-client.ts'

const WALLET = 'bank:gateway:USD'

let server: SandboxServer
before(async () => {
  server = await startSandboxServer()
})
after(() => server.stop())

describe('below a wallet', () => {
  it('what is no endpoint is 404, in an envelope, whoever asks', async () => {
    const { gateway } = server
    const paths = [
      'nothing',
      'Balance',
      'balance/x',
      'funds/x',
      'transactions/x/y',
      'invoices/x/pay',
      'tokens/x',
      'tokens/x/revoke/y',
      'funds/x/decline',
      'refunds/x',
      'constructor',
      'toString',
      '__proto__',
    ]
    for (const path of paths) {
      for (const headers of [{}, { authorization: `Bearer ${gateway.token}` }]) {
        const answer = await send(server.url, `/${WALLET}/${path}`, { headers })
        if (matchWallet(`/${WALLET}/${path}`)) assert.equal(refused(answer, null), '404 endpoint-not-found', path)
        else assert.equal(answer.status, 404, path)
      }
    }
    assert.equal(refused(await gateway.post(`/${WALLET}/nothing`, {}), null), '404 endpoint-not-found')
  })

  it('another method is 405, and Allow tells which', async () => {
    const allowed: [string, string][] = [
      ['', 'GET'],
      ['/balance', 'GET'],
      ['/transactions', 'GET, POST'],
      ['/transactions/x', 'GET'],
      ['/funds', 'POST'],
      ['/payments', 'POST'],
      ['/charges', 'POST'],
      ['/invoices', 'GET, POST'],
      ['/invoices/x', 'GET'],
      ['/invoices/x/decline', 'POST'],
      ['/invoices/x/cancel', 'POST'],
      ['/refills', 'POST'],
      ['/refunds', 'POST'],
      ['/tokens', 'GET'],
      ['/tokens/x/revoke', 'POST'],
    ]
    for (const [path, allow] of allowed) {
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND'].filter(
        (one) => !allow.includes(one),
      )) {
        const answer = await send(server.url, `/${WALLET}${path}`, { method, body: method === 'PUT' ? '{}' : '' })
        assert.equal(refused(answer, null), '405 method-not-allowed', `${method} ${path}`)
        assert.equal(answer.headers.allow, allow)
      }
    }
  })

  it('HEAD is answered without a body, and the connection goes on', async () => {
    for (const path of ['', '/balance', '/payments']) {
      const answer = await send(server.url, `/${WALLET}${path}`, { method: 'HEAD' })
      assert.equal(answer.status, 405)
      assert.equal(answer.text, '')
    }
    assert.equal((await server.gateway.get(`/${WALLET}`)).status, 200)
  })
})

describe('the paths of wallets', () => {
  it('are those with two colons or 20 to 28 characters of base58', () => {
    for (const path of [
      `/${WALLET}`,
      '/us:1:USD/',
      '/US%3A1%3ausd/payments',
      '/4JpVLE2PVP2eaLSXm6zujLbdmnBR',
      `/${'1'.repeat(20)}/funds`,
    ]) {
      assert.ok(matchWallet(path), path)
      assert.ok(matchWallet(`/wallets${path}`), path)
    }
    for (const path of [
      '/',
      '/us',
      '/us/1',
      '/us:1',
      '/us:1/balance',
      '/us/1/balance',
      '/us:1:USD:2',
      '/u:1:USD',
      '/us:1:US$',
      '//us:1:USD',
    ]) {
      assert.equal(matchWallet(path), null, path)
      assert.equal(matchWallet(`/wallets${path}`), null, path)
    }
    for (const path of [
      '/us:1:USD//balance',
      '/us:1:USD/balance//',
      '/us:..:USD/../x',
      '/us:1%2f:USD',
      '/us:1:USD%00',
      '/us:1:USD\n',
      '/0OIl'.padEnd(25, '1'),
    ]) {
      assert.equal(matchWallet(path), null, path)
    }
  })

  it('are, of some endpoints, also those with a namespace and a number, whose currency the payload tells', () => {
    const holder = (path: string) => matchWallet(path)?.holder
    for (const endpoint of ['invoices', 'refills', 'refunds']) {
      assert.equal(holder(`/us/8301234567/${endpoint}`), 'us:8301234567')
      assert.equal(holder(`/wallets/US/0.1-a_/${endpoint}/`), 'us:0.1-a_')
      assert.equal(holder(`/us:1:USD/${endpoint}`), null)
      for (const path of [
        `/us/1/${endpoint}/x`,
        `/u/1/${endpoint}`,
        `/us//${endpoint}`,
        `/us/1/2/${endpoint}`,
        `/admin/1/${endpoint}`,
        `/OAuth/1/${endpoint}`,
        `/wallets/${endpoint}`,
        `/us/%31/${endpoint}`,
      ])
        assert.equal(matchWallet(path), null, path)
    }
    for (const path of ['/us/1', '/us/1/balance', '/us/1/payments', '/us/1/transactions', '/us/1/constructor'])
      assert.equal(matchWallet(path), null, path)
  })

  it('never are those of a reserved namespace', () => {
    for (const path of [
      '/oauth:x:USD',
      '/admin:1:USD/balance',
      '/API%3Av2:USD',
      '/wallets:1:USD',
      '/wallets/oauth:x:USD',
    ]) {
      assert.equal(matchWallet(path), null, path)
    }
  })

  it('answered by no wallet, are left to the rest of the server', async () => {
    for (const path of ['/oauth:x:USD/balance', '/us/8301234567/balance', '/us:8301234567', '/wallets', '/nothing']) {
      const answer = await send(server.url, path, { headers: { authorization: `Bearer ${server.gateway.token}` } })
      assert.equal(answer.status, 404, path)
      assert.doesNotMatch(answer.text, /wallet-not|endpoint-not/)
    }
  })

  it('never are those of another route: here is every route there is', (t) => {
    const routes = servedRoutes(server.assembly)
    for (const { family, method, path } of routes) t.diagnostic(`${family.padEnd(9)} ${method.padEnd(6)} ${path}`)
    const others = routes.filter(({ family }) => family !== 'webwallet')
    assert.deepEqual([...new Set(routes.map(({ family }) => family))].sort(), [
      'admin',
      'jackpot',
      'oauth',
      'pledg',
      'tillo',
      'walleo',
      'web',
      'webwallet',
    ])
    for (const { path } of others) {
      // Whatever stands for a parameter, a wallet's id included.
      for (const value of ['x', 'us:1:USD', '1'.repeat(24), 'a:b']) {
        const instance = path.replace(/:[A-Za-z]+(\{[^}]*\})?/g, value).replace(/\*/g, value)
        assert.equal(matchWallet(instance), null, instance)
      }
      const first = path.split('/')[1] as string
      if (/^[a-z]{2,32}$/.test(first)) assert.ok(isReservedNamespace(first), `a wallet could be opened in ${first}`)
    }
    const wallets = routes.filter(({ family }) => family === 'webwallet')
    for (const { path } of wallets) {
      const instance = path
        .replace(':walletID', 'us:1:USD')
        .replace(':walletNamespace', 'us')
        .replace(':walletNumber', '1')
        .replace(':reference', 'x')
      assert.ok(matchWallet(instance), instance)
      assert.equal(isOauthPath(instance), false)
    }
  })

  it('have no namespace that a route needs, when a wallet is opened', async () => {
    const partyId = await server.party()
    for (const namespace of ['oauth', 'ADMIN', 'wallets', 'healthz', 'metrics', 'transactions']) {
      await assert.rejects(server.open(partyId, { id: `${namespace}:1:USD` }), { code: 'invalid_input' })
    }
  })

  it('make one series of the metrics for a route, whatever is asked', async () => {
    const { gateway } = server
    for (const word of ['qwertya', 'qwertyb', 'constructor', 'qwertyc']) {
      await gateway.get(`/${WALLET}/${word}`)
      await gateway.raw(`/${WALLET}/${word}`, Buffer.from([0xff]))
      await gateway.raw(`/${WALLET}/${word}`, 'x'.repeat(70_000))
      await gateway.get(`/${WALLET}/${word}/${word}`)
      await send(server.url, `/${WALLET}/${word}`, { method: 'DELETE' })
    }
    const { text } = await send(server.url, '/metrics')
    assert.doesNotMatch(text, /qwerty|constructor/)
    assert.match(text, /route="\/:walletID\/\*"/)
  })

  it('have the routes that the documentation names', () => {
    const names = Object.entries(walletRoutes).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    )
    assert.deepEqual(names.sort(), [
      'GET ',
      'GET balance',
      'GET invoices',
      'GET invoices/:reference',
      'GET tokens',
      'GET transactions',
      'GET transactions/:reference',
      'POST charges',
      'POST funds',
      'POST invoices',
      'POST invoices/:reference/cancel',
      'POST invoices/:reference/decline',
      'POST payments',
      'POST refills',
      'POST refunds',
      'POST tokens/:reference/revoke',
      'POST transactions',
    ])
  })
})
