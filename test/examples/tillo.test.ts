import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { deleteHome, newHome } from '../support/engines.ts'
import { freePort, type ServerProcess, spawnServer } from '../support/server-process.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const missing = ['curl', 'openssl'].find((tool) => spawnSync(tool, ['version']).error)
const tools = missing ? { skip: `there is no ${missing}` } : {}

const home = newHome()
let server: ServerProcess
before(async () => {
  server = spawnServer('start', await freePort(), { BILLFOLD_HOME: home })
  await server.ready()
})
after(async () => {
  await server.interrupt()
  await deleteHome(home)
})

const example = (env: Record<string, string> = {}) =>
  run('sh', ['examples/tillo.sh'], { cwd: root, env: { ...process.env, BILLFOLD_HOME: home, ...env } })

describe('examples/tillo.sh', { timeout: 120_000 }, () => {
  it('buys a card, gets the same bytes again, reads order and balance, and cancels the card', tools, async (t) => {
    const { stdout, stderr } = await example()
    t.diagnostic(stdout)
    assert.equal(stderr, '')
    const [first, cancelled] = stdout
      .split('\n')
      .filter((line) => line.startsWith('{"code":'))
      .map((line) => ({ length: line.length, ...JSON.parse(line) }))
    const { code, cost_value, float_balance } = first.data
    assert.ok(stdout.includes(`\nThe same ${first.length} bytes\n`))
    assert.ok(stdout.includes(`\nIt is SUCCESS, with the card ${code}\n`))
    assert.ok(stdout.includes(`\n25 pounds; the float went from 1000000 to ${float_balance.amount}\n`))
    assert.equal(float_balance.amount, 1_000_000 - cost_value.amount)
    assert.equal(cancelled.data.float_balance.amount, 1_000_000)
    assert.ok(stdout.endsWith('\nThe float has 1000000 again\n'))
    // Another run buys another card.
    assert.ok(!(await example()).stdout.includes(code))
  })

  it('says what to do where no server has run', tools, async () => {
    const failed = await example({ BILLFOLD_HOME: '/nowhere' }).catch((error) => error)
    assert.deepEqual([failed.code, failed.stdout], [1, ''])
    assert.match(failed.stderr, /^There is no \/nowhere\/sandbox\.env\. Run "npm start" first/)
  })

  it('leaves clean books', async () => {
    const { stdout } = await run(process.execPath, ['src/cli/main.ts', 'audit'], {
      cwd: root,
      env: { ...process.env, BILLFOLD_HOME: home },
    })
    assert.match(stdout, /clean/i)
  })
})
