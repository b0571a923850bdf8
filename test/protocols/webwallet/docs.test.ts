import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, it } from 'node:test'
import { walletRoutes } from '../../../src/protocols/webwallet/routes.ts'
import { type SandboxServer, startSandboxServer } from '../../support/server.ts'
import { type Caller, createCaller, opened } from '../../support/wallet-client.ts'

const page = readFileSync(new URL('../../../docs/webwallet.md', import.meta.url), 'utf8')

let server: SandboxServer
before(async () => {
  server = await startSandboxServer()
})
after(() => server.stop())

/** A client with a signing secret that acts for the owner of a wallet. */
async function actingFor(wallet: string, client: Caller): Promise<Caller> {
  const found = await server.assembly.directory.find(wallet)
  const token = server.token({
    clientId: client.id,
    subject: found?.partyId as string,
    wallets: new Set([found?.id as bigint]),
  })
  return createCaller(server.url, { ...client, token })
}

it('the examples of docs/webwallet.md work, one after the other, at every endpoint', async () => {
  const phone = await server.client([])
  const callers: Record<string, Caller> = {
    GATEWAY: server.gateway,
    MERCHANT: server.merchant,
    ADA: await actingFor('us:8301234567:USD', phone),
    BEN: await actingFor('us:8301234568:USD', phone),
    ADA_TO_MERCHANT: await actingFor('us:8301234567:USD', server.merchant),
  }
  const values: Record<string, string> = { SOON: new Date(Date.now() + 3_600_000).toISOString() }
  const blocks = page.matchAll(
    /```http\n(GET|POST) (\S+)\nAuthorization: Bearer (\w+)\n(?:\n([\s\S]+?))?```(?:\n\n<!-- answer: \$(\w+) is its (\w+) -->)?/g,
  )
  const met = new Set<string>()
  for (const [, method, target = '', name = '', text, variable, member] of blocks) {
    const caller = callers[name]
    assert.ok(caller, name)
    const fill = (words: string) => words.replace(/\$([A-Z]+)/g, (_, word) => values[word] ?? assert.fail(word))
    const path = fill(target)
    const answer = text ? await caller.post(path, JSON.parse(fill(text))) : await caller.get(path)
    assert.equal(answer.status, 200, `${method} ${path}: ${answer.text}`)
    const payload = opened(answer, caller.signingSecret)
    if (text) assert.equal(payload.success, true)
    if (variable && member) values[variable] = payload[member]
    const route = path
      .replace(/^\/([a-z]+:[^/]+|us\/8301234567)/, '')
      .replace(/\?.*/, '')
      .replace(/^\//, '')
      .replace(/\/[0-9a-f-]{36}/, '/:reference')
    met.add(`${method} ${route}`)
  }
  const all = Object.entries(walletRoutes).flatMap(([route, methods]) =>
    Object.keys(methods).map((method) => `${method} ${route}`),
  )
  assert.deepEqual([...met].sort(), all.sort())
  await server.assertClean()
})
