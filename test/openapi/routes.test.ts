import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { apiDocuments } from '../../src/api-documents.ts'
import { operationsOf } from '../../src/openapi/document.ts'
import { API_NAMES, type ApiName } from '../../src/openapi/names.ts'
import { servedRoutes } from '../support/served-routes.ts'
import { type SandboxServer, startSandboxServer } from '../support/server.ts'

let server: SandboxServer
before(async () => {
  server = await startSandboxServer()
})
after(() => server.stop())

/** Every path of a document under each of its servers and spellings, with its method. */
async function documented(name: ApiName): Promise<string[]> {
  const document = await apiDocuments[name]()
  return operationsOf(document).flatMap(({ method, path, item }) =>
    (item.servers ?? document.servers).flatMap(({ url }) =>
      [path, ...(item['x-also'] ?? [])].map((one) => `${method.toUpperCase()} ${url.replace(/\/$/, '')}${one}`),
    ),
  )
}

test('every route that a protocol serves is in its document, and nothing else is', async () => {
  const table = servedRoutes(server.assembly)
  for (const name of API_NAMES) {
    const served = table
      .filter(({ family, method }) => family === name && method !== 'HEAD')
      .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`)
      .filter((route) => route !== 'GET /admin/v1/openapi.json')
    // The two addresses for browsers are pages by their family.
    const pages = name === 'pledg' ? ['GET /purchase', 'GET /payment_solutions'] : []
    for (const page of pages)
      assert.ok(
        table.some(({ method, path }) => `${method} ${path}` === page),
        page,
      )
    assert.deepEqual((await documented(name)).sort(), [...new Set([...served, ...pages])].sort(), name)
  }
})

test('each documented path is a route of the server: another method is refused, with those that are there', async () => {
  for (const name of API_NAMES) {
    const byPath = new Map<string, string[]>()
    for (const route of await documented(name)) {
      const [method = '', path = ''] = route.split(' ')
      byPath.set(path, [...(byPath.get(path) ?? []), method])
    }
    for (const [path, methods] of byPath) {
      const concrete = path
        .replace('{walletID}', 'us:8301234567:USD')
        .replace('{walletNamespace}/{walletNumber}', 'us/8301234567')
        .replaceAll(/\{\w+\}/g, '0197b6a0-2f3c-7a10-8d2e-5b1f0c9a7e42')
      const answer = await fetch(server.url + concrete, { method: 'OPTIONS', redirect: 'manual' })
      const allow = answer.headers.get('allow') ?? answer.headers.get('access-control-allow-methods') ?? ''
      if (answer.status === 404) assert.fail(`${name} ${concrete} is not there`)
      for (const method of methods) if (allow !== '') assert.ok(allow.includes(method), `${concrete}: ${allow}`)
    }
  }
})
