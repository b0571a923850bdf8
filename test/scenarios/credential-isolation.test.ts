import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createWeb, routeTable, type ServerDeps } from '../../src/server.ts'
import { countRows } from '../support/credential-world.ts'
import { type SandboxServer, startSandboxServer } from '../support/server.ts'
import { send } from '../support/wallet-client.ts'

let server: SandboxServer
before(async () => {
  server = await startSandboxServer()
})
after(() => server.stop())

describe('a wallet access token', () => {
  const others = () =>
    routeTable(createWeb(server.assembly as unknown as ServerDeps))
      .filter(({ family }) => family === 'admin' || family === 'web')
      .map((route) => ({ ...route, path: route.path.replace(/:[A-Za-z]+(?:\{[^}]*\})?/g, 'x').replace('*', 'x') }))
  const tokens = () => [server.gateway.token, server.merchant.token]

  it('opens nothing of the admin API', async () => {
    const before = await countRows(server)
    const admin = others().filter(({ family, path }) => family === 'admin' && !path.endsWith('openapi.json'))
    assert.ok(admin.length > 15)
    for (const token of tokens()) {
      for (const { method, path } of admin) {
        for (const authorization of [`Bearer ${token}`, `DPoP ${token}`]) {
          const headers = { authorization, 'content-type': 'application/json' }
          const body = method === 'GET' ? {} : { body: '{}' }
          const answer = await send(server.url, path, { method, headers, ...body })
          assert.equal(answer.status, 401, `${method} ${path}: ${answer.text}`)
          assert.match(String(answer.headers['www-authenticate']), /^Bearer realm="admin"/)
        }
      }
    }
    assert.deepEqual(await countRows(server), before)
  })

  it('changes nothing on a page: it is no session', async () => {
    const web = others().filter(({ family }) => family === 'web')
    assert.ok(web.length > 5)
    for (const { method, path } of web) {
      const ask = (authorization?: string) =>
        send(server.url, path, {
          method,
          headers: {
            ...(authorization === undefined ? {} : { authorization }),
            'content-type': 'application/x-www-form-urlencoded',
          },
          ...(method === 'GET' ? {} : { body: 'amount=1' }),
        })
      const plain = await ask()
      const before = await countRows(server)
      for (const token of tokens()) {
        const answer = await ask(`Bearer ${token}`)
        assert.equal(answer.status, plain.status, `${method} ${path}`)
        assert.equal(answer.headers.location, plain.headers.location, `${method} ${path}`)
      }
      assert.deepEqual(await countRows(server), before, `${method} ${path}`)
    }
  })
})

it('the books are clean after all of it', () => server.assertClean())
