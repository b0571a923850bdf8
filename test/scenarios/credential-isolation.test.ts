import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { countRows } from '../support/credential-world.ts'
import { servedRoutes } from '../support/served-routes.ts'
import { type SandboxServer, startSandboxServer } from '../support/server.ts'
import { send } from '../support/wallet-client.ts'

let server: SandboxServer
before(async () => {
  server = await startSandboxServer()
})
after(() => server.stop())

describe('a wallet access token', () => {
  const others = () =>
    servedRoutes(server.assembly)
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
    const ask = ({ method, path }: (typeof web)[number], authorization?: string) =>
      send(server.url, path, {
        method,
        headers: {
          ...(authorization === undefined ? {} : { authorization }),
          'content-type': 'application/x-www-form-urlencoded',
        },
        ...(method === 'GET' ? {} : { body: 'amount=1' }),
      })
    // What a request without a token leaves behind is there before the rows are counted.
    const plain: Awaited<ReturnType<typeof ask>>[] = []
    for (const route of web) plain.push(await ask(route))
    const before = await countRows(server)
    for (const [index, route] of web.entries()) {
      for (const answer of await Promise.all(tokens().map((token) => ask(route, `Bearer ${token}`)))) {
        assert.equal(answer.status, plain[index]?.status, `${route.method} ${route.path}`)
        assert.equal(answer.headers.location, plain[index]?.headers.location, `${route.method} ${route.path}`)
      }
    }
    assert.deepEqual(await countRows(server), before)
  })
})

it('the books are clean after all of it', () => server.assertClean())
