import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { createWebWallet } from '#sdk/webwallet/client.ts'
import type { SandboxFile } from '../../src/operations/fill-sandbox.ts'
import { deleteHome, newHome } from '../support/engines.ts'
import { type PackedSdk, packSdk } from '../support/packed-sdk.ts'
import { freePort, type ServerProcess, spawnServer } from '../support/server-process.ts'

const sdk = new URL('../../sdk/', import.meta.url)
const page = readFileSync(new URL('README.md', sdk), 'utf8')
const examples = new Map(
  page.split('\n## ').flatMap((section) => {
    const code = /```js\n([\s\S]+?)```/.exec(section)?.[1]
    return code === undefined ? [] : [[section.split('\n')[0] as string, code] as const]
  }),
)

const home = newHome()
let server: ServerProcess
let sandbox: SandboxFile
let work: string
let packed: PackedSdk
before(async () => {
  server = spawnServer('start', await freePort(), { BILLFOLD_HOME: home })
  await server.ready()
  sandbox = JSON.parse(await readFile(join(home, 'sandbox.json'), 'utf8'))
  packed = await packSdk()
  work = packed.project
  const { client_id, client_secret, signing_secret } = sandbox.clients.gateway
  const gateway = createWebWallet({
    url: sandbox.url,
    clientId: client_id,
    clientSecret: client_secret,
    signingSecret: signing_secret,
  })
  const target = 'shop:corner-cafe:USD'
  await gateway.fund({ source: 'bank:gateway:USD', target, amount: '100.00', currency: 'USD' })
})
after(async () => {
  await server.interrupt()
  await deleteHome(home)
  await packed.remove()
})

/** Runs an example as it stands, as a module of a project that has the SDK's package installed. @returns its lines */
async function run(name: string): Promise<string[]> {
  const { client_id, client_secret, signing_secret } = sandbox.clients.merchant
  const { email, password } = sandbox.people[0] as SandboxFile['people'][number]
  const consent = new URL('../support/consent.ts', import.meta.url)
  // What the page leaves to a web framework: the owner goes there, allows it, and comes back.
  const visit = `import { answerRequest } from ${JSON.stringify(consent)}
    globalThis.visit = (url) => answerRequest(${JSON.stringify(sandbox.url)}, url, ${JSON.stringify({ email, password })})`
  await writeFile(join(work, 'visit.ts'), visit)
  const file = join(work, 'example.mjs')
  await writeFile(file, examples.get(name) as string)
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--import', join(work, 'visit.ts'), file], {
    cwd: work,
    env: {
      BILLFOLD_URL: sandbox.url,
      BILLFOLD_CLIENT_ID: client_id,
      BILLFOLD_CLIENT_SECRET: client_secret,
      BILLFOLD_SIGNING_SECRET: signing_secret,
      ...shellVariables(await readFile(join(home, 'sandbox.env'), 'utf8')),
    },
  })
  assert.equal(stderr, '')
  return stdout.trim().split('\n')
}

/** What `. sandbox.env` would export of the partners' and merchants' credentials. */
const shellVariables = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/^export ((?:WALLEO|TILLO|JACKPOT|PLEDG)_\w+)='([^']*)'$/gm)].map(([, name, value]) => [
      name,
      value,
    ]),
  )

/** What each example prints. */
const printed: Record<string, RegExp[]> = {
  '# @billfold/sdk': [/^[0-9a-f-]{36} \d{4}-\S+Z$/, /^87\.5 USD$/],
  History: [/^\S+Z shop:corner-cafe:USD -> us:8301234567:USD 12\.5 USD$/],
  'For an owner': [/^charges refunds 10\.5$/],
  Invoices: [/^open$/, /^1$/],
  'Transaction tokens': [/^5\.00 USD A voucher for cake$/],
  Walleo: [/^IKEAFR 50 string$/],
  Tillo: [/^true$/],
  Jackpot: [/^READY 110 100$/],
  Pledg: [/^created checkout$/, /^9000$/],
  Webhooks: [/^true$/],
  'Signatures, explained': [
    /^POST$/,
    /^true$/,
    /^false stale-time The time is too old: 60 min ago, 5 min are allowed\.$/,
  ],
  'In a browser': [/^USD$/],
}

describe("the examples of the SDK's README, as they stand, with a real server", { timeout: 120_000 }, () => {
  it('are the ones that are run here', () => {
    assert.deepEqual([...examples.keys()], Object.keys(printed))
  })

  for (const [name, wanted] of Object.entries(printed)) {
    it(name, async () => {
      const lines = await run(name)
      assert.equal(lines.length, wanted.length, lines.join('\n'))
      for (const [index, line] of lines.entries()) assert.match(line, wanted[index] as RegExp)
    })
  }

  it('name every method there is', async () => {
    const type = /export type WebWallet = \{([\s\S]+?)\n\}/.exec(
      await readFile(new URL('src/webwallet/web-wallet.ts', sdk), 'utf8'),
    )?.[1]
    const methods = [...(type ?? '').matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => name as string)
    const listed = [...page.matchAll(/^\| [a-z ]+ \| (`.+`) \|$/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name as string),
    )
    assert.deepEqual(listed.sort(), methods.sort())
  })
})
