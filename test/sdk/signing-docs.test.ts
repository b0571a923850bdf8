import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import vectors from '../vectors/webwallet.json' with { type: 'json' }

const page = readFileSync(new URL('../../docs/webwallet.md', import.meta.url), 'utf8')
const section = page.split('## Signing')[1]?.split('\n## ')[0] ?? ''
const command = /```bash\n([\s\S]+?)```/.exec(section)?.[1] ?? ''
const message = /```json\n([\s\S]+?)```/.exec(section)?.[1] ?? ''
const vector = vectors.envelopes[0]

const present = (program: string, argument: string) => spawnSync(program, [argument]).status === 0
const missing = !present('bash', '--version')
  ? 'bash is not installed'
  : !present('openssl', 'version')
    ? 'openssl is not installed'
    : false

test('the command of the documentation, run as it stands, makes the signature of the documentation', {
  skip: missing,
}, () => {
  const { stdout, stderr } = spawnSync('bash', ['-c', command], { encoding: 'utf8' })
  assert.equal(stderr, '')
  assert.equal(stdout.trim(), vector?.signature)
})

test('the message of the documentation is that of the vector', () => {
  const { payload, signature } = JSON.parse(message)
  assert.deepEqual(payload, vector?.payload)
  assert.equal(signature, vector?.signature)
  assert.ok(section.includes(`It prints \`${vector?.signature}\``))
})
