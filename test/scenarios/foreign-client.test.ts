import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { deleteHome, newHome } from '../support/engines.ts'
import { freePort, type ServerProcess, spawnServer } from '../support/server-process.ts'

const page = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
const section = page.split('## First calls')[1]?.split('\n## ')[0] ?? ''
const blocks = [...section.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, code]) => code as string)

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

/** Runs shell code as someone would paste it. @returns the lines of its output */
async function paste(shell: string, code: string): Promise<string[]> {
  const env = { PATH: process.env.PATH, HOME: home, BILLFOLD_HOME: home }
  const { stdout, stderr } = await promisify(execFile)(shell, ['-c', code], { env })
  assert.equal(stderr, '')
  return stdout.trim().split('\n')
}

describe("README's first calls, with curl and openssl alone", { timeout: 60_000 }, () => {
  it('fund a wallet, pay another, and show both', async () => {
    assert.equal(blocks.length, 3)
    const lines = await paste('bash', blocks.join('\n'))
    assert.match(lines[0] as string, /^a token of \d{3,} characters$/)
    const [funded, paid, balance, history, personBalance, personHistory] = lines
      .slice(1, 7)
      .map((line) => JSON.parse(line))
    assert.equal(funded.payload.success, true)
    assert.equal(funded.payload.amount, '100.00')
    assert.equal(paid.payload.success, true)
    assert.equal(paid.payload.amount, '12.50')
    const [merchant, person] = JSON.stringify([balance, history]).includes('87.5')
      ? [balance, personBalance]
      : [personBalance, balance]
    assert.equal(merchant.payload.balance.amount, 87.5)
    assert.ok(JSON.stringify(person).includes('12.5'), JSON.stringify(person))
    for (const one of [history, personHistory]) assert.ok(JSON.stringify(one).includes(paid.payload.reference))
  })

  it('give the same answers again when they are pasted again, in another shell too', async () => {
    const first = await paste('bash', blocks.join('\n'))
    const second = await paste('sh', blocks.join('\n'))
    assert.deepEqual(second.slice(1), first.slice(1))
  })

  it('are refused when the body is changed under the same key', async () => {
    const changed = blocks.join('\n').replace('"100.00"', '"100.01"').replace('"12.50"', '"12.51"')
    const lines = await paste('bash', changed)
    for (const line of lines.slice(1, 3)) {
      const { payload, signature } = JSON.parse(line)
      assert.equal(payload.error.code, 'idempotency-conflict')
      assert.equal(signature.length, 43)
    }
    assert.deepEqual(lines.slice(3), (await paste('bash', blocks.join('\n'))).slice(3))
  })

  it('are refused when the payload is changed after it was signed', async () => {
    const forged = `${blocks.slice(0, 2).join('\n')}
      curl -sS "$BILLFOLD_URL/$MERCHANT_USD/funds" -d "$(printf '%s' "$envelope" | sed 's/100.00/900.00/')" \\
        -H "Authorization: Bearer $GATEWAY_TOKEN" -H 'Content-Type: application/json'; echo`
    assert.equal(
      JSON.parse((await paste('bash', forged)).at(-1) as string).payload.error.code,
      'envelope-signature-wrong',
    )
  })

  it('are audited clean beside the running server, and the books export', async () => {
    const run = promisify(execFile)
    const env = { PATH: process.env.PATH, BILLFOLD_HOME: home }
    const cli = new URL('../../src/cli/main.ts', import.meta.url).pathname
    await run(process.execPath, [cli, 'audit'], { env })
    const { stdout } = await run(process.execPath, [cli, 'export', '--format', 'jsonl'], { env })
    assert.ok(stdout.includes('payments'))
    assert.ok((await readFile(join(home, 'sandbox.env'), 'utf8')).startsWith('export '))
  })
})
