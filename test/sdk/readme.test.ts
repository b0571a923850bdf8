import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { promisify } from 'node:util'
import { receipt, signingSecret, startFakeServer } from './webwallet/fake-server.ts'

const sdk = new URL('../../sdk/', import.meta.url)
const example = /```js\n([\s\S]+?)```/.exec(readFileSync(new URL('README.md', sdk), 'utf8'))?.[1] ?? ''

test("the example of the SDK's README runs as it stands", async (t) => {
  const currency = { code: 'USD', circle: 'main' }
  const server = await startFakeServer((seen) =>
    seen.method === 'POST'
      ? receipt(seen)
      : { payload: { balance: { amount: 87.5, currency, limits: { lower: 0, upper: null } } } },
  )
  t.after(() => server.stop())
  // Evaluated inside the package's folder, where its own name resolves to its exports.
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', example], {
    cwd: sdk,
    env: {
      BILLFOLD_URL: server.url,
      BILLFOLD_CLIENT_ID: 'merchant',
      BILLFOLD_CLIENT_SECRET: 'secret',
      BILLFOLD_SIGNING_SECRET: signingSecret,
    },
  })
  assert.equal(stdout, 'ref-1 2026-01-02T03:04:05.678Z\n87.5 USD\n')
  assert.equal(server.requests[0]?.payload?.amount, '12.50')
})
