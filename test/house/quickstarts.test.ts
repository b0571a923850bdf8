import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { globSync, readFileSync, symlinkSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { deleteHome, newHome } from '../support/engines.ts'
import { freePort, type ServerProcess, spawnServer } from '../support/server-process.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const missing = ['curl', 'openssl'].find((tool) => spawnSync(tool, ['version']).error)
const skip = missing ? `there is no ${missing}` : false

/** What each page's commands print, in this order: what its reader is promised. */
const seen: Record<string, RegExp[]> = {
  'docs/quickstart/webwallet.md': [/"signature":"/, /the signature is good/, /^balance +100$/m, /funds +100 /],
  'docs/quickstart/walleo.md': [/hexkey/, /"code":/, /"amount_cents":/, /signature.*\n/, /status 1/],
  'docs/quickstart/tillo.md': [/API-Key/, /"status":"success"/, /^[0-9a-f-]{36} .*amazon/m],
  'docs/quickstart/pledg.md': [/"url":"http/, /^pur_.*quickstart-\d+ +created/m],
  'docs/quickstart/jackpot.md': [/"access_token":/, /"price":/],
  'docs/quickstart/webhooks.md': [
    /wallet\.credited/,
    /^topic +webhook\.test$/m,
    /webhook\.test .*(waiting|failed)/,
    /^deleted +true$/m,
  ],
  'docs/quickstart/operator.md': [
    /^secret +\S+$/m,
    /^balance +250$|EUR +public +250 /m,
    /us:5550199:USD/,
    /the books are clean/,
    /rows of/,
  ],
  'docs/quickstart/partner.md': [/"amount_cents":/, /IKEAFR/, /hash_hmac/],
  'docs/quickstart/merchant.md': [/charges +\d/],
  'docs/quickstart/wallet-owner.md': [/"password"/],
  'docs/quickstart/integrator.md': [/abc123-POST-digital-issue/, /import hmac/, /status 1/],
  'docs/cli.md': [/^billfold \d/, /usage: billfold wallet open/, /"name": "Café Río"/],
}

const home = newHome()
let server: ServerProcess
before(async () => {
  if (skip) return
  server = spawnServer('start', await freePort(), { BILLFOLD_HOME: home })
  await server.ready()
})
after(async () => {
  if (skip) return
  await server.interrupt()
  await deleteHome(home)
})

test('every quickstart is here, and says what its commands print', () => {
  const pages = [...globSync('docs/quickstart/*.md', { cwd: root }), 'docs/cli.md']
  assert.deepEqual(Object.keys(seen).sort(), pages.sort())
})

for (const [page, expected] of Object.entries(seen)) {
  test(`the commands of ${page} run as they stand`, { skip }, async () => {
    const blocks = [...readFileSync(join(root, page), 'utf8').matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block)
    assert.ok(blocks.length > 0)
    const folder = await mkdtemp(join(tmpdir(), `billfold-quickstart-${basename(page, '.md')}-`))
    for (const name of ['bin', 'examples']) symlinkSync(join(root, name), join(folder, name))
    const script = `set -eu\n${blocks.join('\n')}`
    const env = { ...process.env, BILLFOLD_HOME: home, PATH: `${join(process.execPath, '..')}:${process.env.PATH}` }
    const { stdout } = await promisify(execFile)('sh', ['-c', script], { cwd: folder, env })
    let rest = stdout
    for (const pattern of expected) {
      const found = pattern.exec(rest)
      assert.ok(found, `${pattern} in:\n${stdout}`)
      rest = rest.slice(found.index + found[0].length)
    }
  })
}
