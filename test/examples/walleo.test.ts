import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { SandboxFile } from '../../src/operations/fill-sandbox.ts'
import { deleteHome, newHome } from '../support/engines.ts'
import { freePort, type ServerProcess, spawnServer } from '../support/server-process.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const missing = ['curl', 'openssl'].find((tool) => spawnSync(tool, ['version']).error)
const tools = missing ? { skip: `there is no ${missing}` } : {}

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

const example = (env: Record<string, string> = {}) =>
  run('sh', ['examples/walleo.sh'], { cwd: root, env: { ...process.env, BILLFOLD_HOME: home, ...env } })

describe('examples/walleo.sh', { timeout: 120_000 }, () => {
  it('buys a card, gets the same bytes again, and reads the card back', tools, async (t) => {
    const { stdout, stderr } = await example()
    t.diagnostic(stdout)
    assert.equal(stderr, '')
    const line = stdout.split('\n').find((text) => text.startsWith('{"card":')) as string
    const { card } = JSON.parse(line)
    assert.deepEqual([card.amount, card.gift_card_code], [50, 'IKEAFR'])
    assert.ok(stdout.includes(`\nThe same ${line.length} bytes\n`))
    assert.ok(stdout.includes(`\nThe card, read by its id ${card.id}\nThe same card\n`))
    const [, before, after] = /from (\d+) to (\d+) cents: one card was paid for\n$/.exec(stdout) ?? []
    assert.equal(Number(before) - Number(after), 4750)
    // Another run buys another card.
    assert.ok(!(await example()).stdout.includes(card.id))
  })

  it('says what to do where no server has run', tools, async () => {
    const failed = await example({ BILLFOLD_HOME: '/nowhere' }).catch((error) => error)
    assert.deepEqual([failed.code, failed.stdout], [1, ''])
    assert.match(failed.stderr, /^There is no \/nowhere\/sandbox\.env\. Run "npm start" first/)
  })
})

it('the sandbox takes signatures for both of its names, and for no other', async () => {
  const { api_key, identifier, shared_key } = sandbox.walleo
  const { port } = new URL(server.url)
  const ask = async (host: string, signedHost = host) => {
    const timestamp = Math.floor(Date.now() / 1000)
    const text = `GET+http://${signedHost}:${port}/partners/v1/balance+${identifier}+${timestamp}`
    const signature = createHmac('sha256', Buffer.from(shared_key, 'hex')).update(text).digest('hex')
    const authorization = `Bearer ${api_key}, Id=${identifier}, Signature=${signature}, Timestamp=${timestamp}`
    return (await fetch(`http://${host}:${port}/partners/v1/balance`, { headers: { authorization } })).status
  }
  assert.equal(await ask('127.0.0.1'), 200)
  assert.equal(await ask('127.0.0.1', 'localhost'), 200)
  assert.equal(await ask('127.0.0.1', 'example.com'), 401)
})

it('the books are clean after all of it', async () => {
  const { stdout } = await run(process.execPath, ['src/cli/main.ts', 'audit'], {
    cwd: root,
    env: { ...process.env, BILLFOLD_HOME: home },
  })
  assert.match(stdout, /clean/i)
})
