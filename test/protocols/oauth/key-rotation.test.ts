import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { createSigningKeys, KEY_LEAD_MS } from '../../../src/credentials/signing-keys.ts'
import { TRANSACTION_TOKEN_MAX_MS } from '../../../src/credentials/transaction-token.ts'
import { rotateSigningKeys } from '../../../src/operations/rotate-signing-keys.ts'
import { createCurrentProvider } from '../../../src/protocols/oauth/current-provider.ts'
import type { GrantDeps } from '../../../src/protocols/oauth/grants.ts'
import { OAUTH_SETTINGS } from '../../../src/protocols/oauth/settings.ts'
import { createHarness, grant, type Harness, ISSUER, type Process } from './harness.ts'

let harness: Harness
before(async () => {
  harness = await createHarness()
})
after(() => harness.close())

const kidOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid

const published = async (process: Process) =>
  ((await process.send('/oauth/jwks')).body.keys as { kid: string }[]).map(({ kid }) => kid)

test('keys turn over under load, in every process, without a restart and without a token refused', async () => {
  const processes = [await harness.start(), await harness.start()]
  const client = await harness.client()
  const tokens: string[] = []
  const signedBy = new Map<string, number>()
  let running = true

  async function work(seed: number) {
    for (let turn = seed; running; turn += 1) {
      const { access_token: token } = await grant(processes[turn % 2] as Process, client)
      tokens.push(token)
      signedBy.set(kidOf(token), (signedBy.get(kidOf(token)) ?? 0) + 1)
      // The process that did not issue it, and one issued earlier, perhaps by the key before.
      const elsewhere = processes[(turn + 1) % 2] as Process
      for (const one of [token, tokens[Math.floor(Math.random() * tokens.length)] as string]) {
        const principal = await elsewhere.oauth.verifyAccessToken(`Bearer ${one}`, harness.clock())
        assert.equal(principal.clientId, client.id)
      }
    }
  }
  const grants = async (atLeast: number) => {
    const until = tokens.length + atLeast
    while (tokens.length < until && running) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const workers = Promise.all(Array.from({ length: 8 }, (_, i) => work(i))).finally(() => {
    running = false
  })

  await grants(40)
  const [first] = await published(processes[0] as Process)
  const kids = [first as string]
  for (let rotation = 0; rotation < 2; rotation += 1) {
    const { kid } = await rotateSigningKeys(harness)
    // The job of each process, which comes once a minute.
    for (const { oauth } of processes) await oauth.sweep()
    for (const process of processes) {
      assert.ok((await published(process)).includes(kid), 'published ahead of its time')
      assert.equal(process.oauth.keys.signer().kid, kids.at(-1))
    }
    await grants(40)
    harness.time.offset += KEY_LEAD_MS + 1000
    await grants(40)
    for (const process of processes) assert.equal(process.oauth.keys.signer().kid, kid)
    kids.push(kid)
    assert.ok((signedBy.get(kid) ?? 0) > 0, 'signs')
  }
  running = false
  await workers
  assert.deepEqual([...signedBy.keys()].sort(), [...kids].sort())
  for (const process of processes) assert.deepEqual((await published(process)).sort(), [...kids].sort())

  harness.time.offset += TRANSACTION_TOKEN_MAX_MS + 3 * 3_600_000
  for (const { oauth } of processes) await oauth.sweep()
  for (const process of processes) assert.deepEqual(await published(process), kids.slice(-1))
})

test('the library gets new keys as they come, the one that signs first', async () => {
  const { db, keyring, clock } = harness
  const keys = await createSigningKeys({ db, keyring, clock, monotonic: () => performance.now() })
  const log = { info() {}, warn() {}, error() {} }
  const deps = { db, keyring, clock, keys, log, issuer: ISSUER, settings: OAUTH_SETTINGS, clients: { get: () => null } }
  const provider = createCurrentProvider(deps as unknown as GrantDeps)
  const server = createServer((req, res) => void provider().callback()(req, res))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const known = async () => {
    const { keys } = (await (await fetch(`http://127.0.0.1:${port}/oauth/jwks`)).json()) as { keys: { kid: string }[] }
    return keys.map(({ kid }) => kid)
  }
  try {
    const [first] = await known()
    const before = provider()
    const { kid } = await rotateSigningKeys(harness)
    assert.equal(provider(), before)
    await keys.reload()
    assert.deepEqual(await known(), [first, kid])
    assert.notEqual(provider(), before)
    const between = provider()
    assert.equal(provider(), between, 'made anew only when something has changed')
    harness.time.offset += KEY_LEAD_MS + 1000
    assert.deepEqual(await known(), [kid, first])
    assert.notEqual(provider(), between)
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
})
