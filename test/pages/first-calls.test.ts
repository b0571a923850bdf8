import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createSecretKey } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { canonicalJson } from '#sdk/protocol/canonical-json.ts'
import { checkEnvelope, readEnvelope } from '#sdk/protocol/envelope.ts'
import { parseExactJson } from '#sdk/protocol/exact-json.ts'
import { createMac } from '../../src/credentials/envelope.ts'
import { FIRST_CALLS } from '../../src/pages/first-calls.ts'

const script = FIRST_CALLS.map(({ code }) => code).join('\n')

// Stands in for the network only: hands out a token and writes down what it was given, one argument a line.
const CURL = `#!/bin/sh
for argument; do printf '%s\\n' "$argument"; done >>"$CALLS"
printf -- '--\\n' >>"$CALLS"
echo '{"access_token":"token-of-someone","token_type":"Bearer"}'
`
const secrets = { GATEWAY_SIGNING_SECRET: 'bfh_gateway', MERCHANT_SIGNING_SECRET: 'bfh_merchant' }
const variables = {
  BILLFOLD_URL: 'http://127.0.0.1:1',
  OPERATOR_API_KEY: 'bfk_operator',
  GATEWAY_CLIENT_ID: 'gateway',
  GATEWAY_CLIENT_SECRET: 'bfs_gateway',
  GATEWAY_USD: 'bank:gateway:USD',
  MERCHANT_CLIENT_ID: 'merchant',
  MERCHANT_CLIENT_SECRET: 'bfs_merchant',
  MERCHANT_USD: 'shop:cafe:USD',
  PERSON_USD: 'us:1:USD',
  ...secrets,
}

for (const shell of ['bash', 'dash', 'zsh']) {
  const absent = spawnSync(shell, ['-c', 'openssl version']).status !== 0 && `${shell} or openssl is not installed`
  test(`the calls, fed to ${shell} as they stand, send what the server accepts`, { skip: absent }, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'first-calls-'))
    t.after(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'curl'), CURL, { mode: 0o755 })
    const lines = Object.entries(variables).map(([name, value]) => `export ${name}='${value}'\n`)
    writeFileSync(join(folder, 'sandbox.env'), lines.join(''))
    const calls = join(folder, 'calls')
    const { stderr, stdout } = spawnSync(shell, {
      input: script,
      encoding: 'utf8',
      env: { PATH: `${folder}:${process.env.PATH}`, BILLFOLD_HOME: folder, CALLS: calls },
    })
    assert.equal(stderr, '')
    assert.match(stdout, /a token of 16 characters/)

    const sent = readFileSync(calls, 'utf8').split('\n--\n').slice(0, -1)
    assert.equal(sent.length, 8)
    assert.match(sent[0] as string, /gateway:bfs_gateway\n-d\ngrant_type=client_credentials\n.*\/oauth\/token$/)
    assert.match(sent[4] as string, /shop:cafe:USD\/balance$/)
    const posted = [sent[1], sent[3]].map((call) =>
      JSON.parse((/^\{.*\}$/m.exec(call as string) as RegExpExecArray)[0]),
    )
    assert.deepEqual(
      posted.map(({ payload }) => payload),
      [
        { amount: '100.00', currency: 'USD', endpoint: 'funds', source: 'bank:gateway:USD', target: 'shop:cafe:USD' },
        { amount: '12.50', currency: 'USD', endpoint: 'payments', target: 'us:1:USD' },
      ],
    )
    for (const [index, secret] of Object.values(secrets).entries()) {
      const envelope = readEnvelope(parseExactJson(JSON.stringify(posted[index])))
      const mac = createMac(createSecretKey(secret, 'utf8'))
      assert.equal(checkEnvelope(envelope, mac), canonicalJson(envelope.payload))
    }
  })
}

test('the calls have no comment, which an interactive zsh would run, and no line that a page must scroll for', () => {
  assert.doesNotMatch(script, /^\s*#/m)
  for (const line of script.split('\n')) assert.ok(line.length <= 80, line)
})
