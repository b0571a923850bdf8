import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { SandboxFile } from '../../src/operations/fill-sandbox.ts'
import { needsBrowser } from '../support/browser.ts'
import { deleteHome, newHome } from '../support/engines.ts'
import { freePort, type ServerProcess, spawnServer } from '../support/server-process.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const ADA = 'us:8301234567:USD'
const BEN = 'us:8301234568:USD'
const CAFE = 'shop:corner-cafe:USD'
const ADA_EUR = 'be:412345678:EUR'
const LENDER = 'financing:sandbox:EUR'

/** What each example moves, seen from one wallet, oldest first. They stand in an order in which each has to ask for itself. */
const effects: Record<string, { wallet: string; moves: string[] }> = {
  'hand-over': { wallet: ADA, moves: [`funds 6.4 bank:gateway:USD`, `charges -3.2 ${CAFE}`] },
  refund: { wallet: ADA, moves: ['funds 8 bank:gateway:USD', `charges -8 ${CAFE}`, `refunds 4 ${CAFE}`] },
  refill: { wallet: BEN, moves: [`refills 0.05 ${ADA}`, `payments -0.05 ${CAFE}`] },
  consent: { wallet: ADA, moves: [] },
  jackpot: { wallet: 'float:sandbox:EUR', moves: ['gift-card -100 settlement:maison-verte:EUR'] },
  pledg: {
    wallet: ADA_EUR,
    moves: [
      'funds 90 bank:gateway:EUR',
      `purchase -30 ${LENDER}`,
      `purchase-instalment -30 ${LENDER}`,
      `purchase-instalment -30 ${LENDER}`,
      'purchase-credit 45 shop:corner-cafe:EUR',
    ],
  },
  invoice: { wallet: ADA, moves: ['funds 6.3 bank:gateway:USD', `payments -6.3 ${CAFE}`] },
  charge: { wallet: ADA, moves: ['funds 20 bank:gateway:USD', `charges -12.4 ${CAFE}`] },
  receiver: { wallet: ADA, moves: ['funds 5 bank:gateway:USD'] },
}

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

/** Runs a file of ours as a person would. @returns what it prints */
async function printed(file: string, args: string[] = [], env: Record<string, string> = {}): Promise<string> {
  const { stdout, stderr } = await run(process.execPath, [file, ...args], {
    cwd: root,
    env: { ...process.env, BILLFOLD_HOME: home, ...env },
  })
  assert.equal(stderr, '')
  return stdout
}

type Line = { entry: number; kind: string; amount: number; counterparty: string }

/** The wallet's statement, newest first, as the operator sees it. */
async function statement(wallet: string): Promise<Line[]> {
  const headers = { authorization: `Bearer ${sandbox.operator.api_key}` }
  const answer = await fetch(`${server.url}/admin/v1/wallets/${wallet}/statement?limit=100`, { headers })
  assert.equal(answer.status, 200)
  return ((await answer.json()) as { items: Line[] }).items
}

async function assertEffects(name: string): Promise<string> {
  const { wallet, moves } = effects[name] as { wallet: string; moves: string[] }
  const newest = (await statement(wallet))[0]?.entry ?? 0
  const said = await printed(`examples/${name}.ts`)
  const news = (await statement(wallet)).filter(({ entry }) => entry > newest).reverse()
  assert.deepEqual(
    news.map(({ kind, amount, counterparty }) => `${kind} ${amount} ${counterparty}`),
    moves,
    said,
  )
  return said
}

describe('the examples', { timeout: 400_000 }, () => {
  it('are the ones that are tested here', () => {
    const files = globSync('examples/*.ts', { cwd: root }).map((file) => basename(file, '.ts'))
    assert.deepEqual(files.sort(), Object.keys(effects).sort())
  })

  it('name the part that they skip where there is no Chromium', async () => {
    // The receiver needs no pages.
    for (const name of Object.keys(effects).filter((one) => one !== 'receiver')) {
      const nowhere = { CHROMIUM_PATH: '/nowhere/chromium' }
      assert.match(await printed(`examples/${name}.ts`, [], nowhere), /^skipped: .+: no Chromium is installed/m, name)
    }
  })

  for (const name of Object.keys(effects)) {
    it(`${name}.ts does what it says, twice`, needsBrowser, async (t) => {
      t.diagnostic(await assertEffects(name))
      await assertEffects(name)
    })
  }

  it('keep pictures of what a person sees, and tokens for their owner only', needsBrowser, async () => {
    const said = await printed('examples/consent.ts')
    const pictures = [...said.matchAll(/\S+\.png/g)].map(([path]) => path)
    assert.equal(pictures.length, 3, said)
    for (const picture of pictures) assert.ok((await stat(picture)).size > 5_000, picture)
    assert.equal((await stat(join(home, 'examples', 'ada.json'))).mode & 0o777, 0o600)
    const { accessToken } = JSON.parse(await readFile(join(home, 'examples', 'ada.json'), 'utf8'))
    assert.ok(!said.includes(accessToken))
  })

  it('believe notifications that are signed, and no others', async () => {
    const said = await printed('examples/receiver.ts')
    for (const type of ['webhook.test', 'wallet.credited']) assert.match(said, new RegExp(`type +${type}`), said)
    assert.match(said, /amount +5\.00/)
    assert.ok(!/refused/.test(said), said)
  })

  it('ask the owner again after the owner has taken the consent back', needsBrowser, async () => {
    const store = join(home, 'examples', 'ada.json')
    const { refreshToken } = JSON.parse(await readFile(store, 'utf8'))
    const { client_id, client_secret } = sandbox.clients.merchant
    await fetch(`${server.url}/oauth/revoke`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${client_id}:${client_secret}`)}` },
      body: new URLSearchParams({ token: refreshToken }),
    })
    assert.match(await assertEffects('charge'), /is asked to allow the café/)
  })

  it('say what to do when no server runs', async () => {
    const failed = await run(process.execPath, ['examples/charge.ts'], {
      cwd: root,
      env: { ...process.env, BILLFOLD_HOME: '/nowhere' },
    }).catch((error) => error)
    assert.deepEqual([failed.code, failed.stdout], [1, ''])
    assert.match(failed.stderr, /^There is no \/nowhere\/sandbox\.json\. Run "npm start" first/)
  })

  it('leave books that are audited clean', async () => {
    const said = await printed('src/cli/main.ts', ['audit'])
    assert.match(said, /clean/i)
  })
})
