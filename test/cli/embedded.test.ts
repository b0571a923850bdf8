import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { deleteHome, newHome } from '../support/engines.ts'
import { billfold } from './billfold.ts'

test('without a server a command starts the embedded database, and stops it after its work', async (t) => {
  const home = newHome()
  t.after(() => deleteHome(home))
  const env = { BILLFOLD_HOME: home }
  const early = await billfold(['audit'], { env })
  assert.equal(early.status, 1)
  assert.match(early.stderr, /run "billfold migrate" first/)
  const created = await billfold(['party', 'create', '--kind', 'person', '--name', 'Ana', '--json'], { env })
  assert.equal(created.status, 0, created.stderr)
  const shown = await billfold(['party', 'show', JSON.parse(created.stdout).id, '--json'], { env })
  assert.equal(shown.stdout, created.stdout)
  const keyless = await billfold(['audit'], { env })
  assert.match(keyless.stderr, /there is no key in/)
  // 32 bytes that someone put there: the books, in which nothing was ever chained, are clean under any key.
  writeFileSync(join(home, 'key'), `${'ab'.repeat(32)}\n`, { mode: 0o600 })
  const audited = await billfold(['audit'], { env })
  assert.deepEqual(
    [audited.status, audited.stdout.endsWith('the books are clean\n')],
    [0, true],
    audited.stdout + audited.stderr,
  )
})
