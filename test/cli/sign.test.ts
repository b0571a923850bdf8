import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { canonicalJson } from '#sdk/protocol/canonical-json.ts'
import { billfold } from './billfold.ts'

const folder = mkdtempSync(join(tmpdir(), 'billfold-sign-'))
const home = join(folder, 'home')
const secret = 'test-signing-secret'
const env = { BILLFOLD_HOME: home, BILLFOLD_SIGNING_SECRET: secret }

// The example of docs/webwallet.md, signed there with openssl.
const payload = '{ "endpoint": "payments", "target": "co:3123456789:COP", "amount": 1500.00, "currency": "COP" }'
const canonical = '{"amount":1500,"currency":"COP","endpoint":"payments","target":"co:3123456789:COP"}'
const signature = '-fAI2i85S666Hoxlz3IrgvL9ZiH_XdFunkXTZzrDAK4'
const envelope = `{"header":{"alg":"hs256"},"payload":${canonical},"signature":"${signature}"}`

test('a message is signed on one line, which verify takes, and neither starts a database', async () => {
  const signed = await billfold(['sign', '--payload', payload], { env })
  assert.deepEqual(signed, { status: 0, stdout: `${envelope}\n`, stderr: '' })
  const verified = await billfold(['verify'], { env, input: signed.stdout })
  assert.deepEqual(verified, { status: 0, stdout: 'the signature is good\n', stderr: '' })
  assert.equal(existsSync(home), false)
})

test('payload and secret come from files and standard input too', async () => {
  const secretFile = join(folder, 'secret')
  writeFileSync(secretFile, `${secret}\n`)
  const payloadFile = join(folder, 'payload.json')
  writeFileSync(payloadFile, payload)
  const args = ['sign', payloadFile, '--secret-file', secretFile, '--signature']
  assert.equal((await billfold(args, { env: { BILLFOLD_HOME: home } })).stdout, `${signature}\n`)
  const piped = await billfold(['sign', '--json'], { env, input: payload })
  assert.deepEqual(JSON.parse(piped.stdout), { payload: JSON.parse(payload), canonical, signature, envelope: envelope })
  assert.equal((await billfold(['sign', '--canonical', '-'], { input: payload })).stdout, `${canonical}\n`)
})

test('the explanation ends in shell commands that make the same signature', async (t) => {
  const quoted = JSON.stringify({ endpoint: 'payments', description: "it's ünusual" })
  const { stdout } = await billfold(['sign', '--payload', quoted, '--explain'], { env })
  const expected = createHmac('sha256', secret)
    .update(canonicalJson(JSON.parse(quoted)))
    .digest('base64url')
  assert.ok(stdout.includes(`\n${expected}\n`))
  assert.ok(!stdout.includes(secret))
  if (spawnSync('openssl', ['version']).error) return t.skip('there is no openssl')
  const script = stdout.slice(stdout.indexOf('printf'))
  const shell = spawnSync('sh', ['-c', script], { env: { ...process.env, ...env }, encoding: 'utf8' })
  assert.equal(shell.stdout, expected)
})

test('what cannot be signed, and calls that are wrong, are told apart', async () => {
  for (const [args, options, status, message] of [
    [['--payload', '{"amount": 0.10000000000000000555}'], { env }, 1, /\$\.amount \(json-number-inexact\)/],
    [['--payload', '[1]'], { env }, 1, /must be a JSON object/],
    [['--payload', payload, '--secret', secret], { env }, 2, /seen by every user/],
    [['--payload', payload], { env: { BILLFOLD_HOME: home } }, 2, /set BILLFOLD_SIGNING_SECRET/],
    [['--payload', payload, '--loud'], { env }, 2, /there is no option --loud/],
    [['--payload', payload, '--json', '--explain'], { env }, 2, /do not go together/],
    [[join(folder, 'missing')], { env }, 1, /cannot be read/],
  ] as const) {
    const ran = await billfold(['sign', ...args], options)
    assert.equal(ran.status, status, ran.stderr)
    assert.match(ran.stderr, message)
    assert.doesNotMatch(ran.stderr, /\n {4}at /)
    assert.equal(ran.stdout, '')
  }
})

test('verify says what is wrong with a message', async () => {
  const message = envelope.replace(signature, createHmac('sha256', secret).update(canonical).digest('hex'))
  const ran = await billfold(['verify', '--message', message, '--json'], { env })
  assert.equal(ran.status, 1)
  const { code, hint, canonical: text } = JSON.parse(ran.stdout)
  assert.equal(code, 'envelope-signature-malformed')
  assert.match(hint, /is in hexadecimal; it has to be in base64url/)
  assert.equal(text, canonical)
  const altered = await billfold(['verify', '--message', envelope.replace('1500', '1501')], { env })
  assert.equal(altered.status, 1)
  assert.match(altered.stdout, /does not fit the payload and the key \(envelope-signature-wrong\)/)
  const duplicate = await billfold(['verify'], { env, input: '{"payload":{"a":1,"a":2},"signature":"x"}' })
  assert.match(duplicate.stdout, /json-duplicate-member/)
})
