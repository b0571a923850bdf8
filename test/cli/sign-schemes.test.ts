import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { exampleValues, signingSchemes } from '#sdk/explain/index.ts'
import { secretVariables } from '../../src/cli/signing-scheme.ts'
import { billfold } from './billfold.ts'

const folder = mkdtempSync(join(tmpdir(), 'billfold-schemes-'))
const home = join(folder, 'home')

// The vendor's own example: its hash is known.
const walleo = [
  '--url',
  'http://www.example.com/partners/v1/cards',
  '--api-key',
  'any',
  '--identifier',
  'b5245bbc-8ee7-4e55-92e0-b97e81085154',
  '--timestamp',
  '1648559273',
]
const env = { BILLFOLD_HOME: home, WALLEO_SHARED_KEY: '6F2CE47010CF4F79B9767042BAFB1EB4' }
const body = '{"card":{"gift_card_code":"E-ca","amount":50}}'
const hash = '434f3dd367edbe5c82a68f5b5a771a50d602c2868e10a4b132ae807df6982867'

test('a request of Walleo is signed as its documents have it, from a file, standard input or an option', async () => {
  const file = join(folder, 'body.json')
  writeFileSync(file, body)
  const secretFile = join(folder, 'key')
  writeFileSync(secretFile, `${env.WALLEO_SHARED_KEY}\n`)
  const fromFile = ['sign', 'walleo', file, ...walleo, '--signature', '--secret-file', secretFile]
  assert.deepEqual(await billfold(fromFile, { env: { BILLFOLD_HOME: home } }), {
    status: 0,
    stdout: `${hash}\n`,
    stderr: '',
  })
  const piped = await billfold(['sign', 'walleo', ...walleo, '--string-to-sign'], { env, input: body })
  assert.match(piped.stdout, /^POST\+http:\/\/www\.example\.com\/partners\/v1\/cards\+\{"card":\{"amount":50,/)
  const named = await billfold(['sign', 'walleo', '--body', `@${file}`, ...walleo, '--json'], { env })
  assert.equal(JSON.parse(named.stdout).signature, hash)
  assert.equal(existsSync(home), false, 'neither starts a database')
})

test('every scheme signs its example, explains it without its secret, and verify finds it good', async () => {
  for (const scheme of signingSchemes) {
    const examples = exampleValues(scheme, 'http://127.0.0.1:8080', Date.now())
    const keyFile = join(folder, 'key.jwk')
    writeFileSync(keyFile, examples.secret ?? '')
    const secret = scheme === 'transaction-token' ? keyFile : (examples.secret as string)
    const own = { BILLFOLD_HOME: home, [secretVariables[scheme]]: secret }
    const signed = await billfold(['sign', scheme, '--example'], { env: { BILLFOLD_HOME: home } })
    assert.equal(signed.status, 0, signed.stderr)
    const flags = scheme === 'walleo' ? ['--url', examples.url as string] : []
    const verified = await billfold(['verify', scheme, ...flags], { env: own, input: signed.stdout })
    assert.deepEqual(verified, { status: 0, stdout: 'the signature is good\n', stderr: '' }, scheme)
    const explained = await billfold(['sign', scheme, '--example', '--explain'], { env: own })
    assert.match(explained.stdout, /The request/)
    if (scheme !== 'tillo') assert.ok(!explained.stdout.includes(examples.secret as string), scheme)
    const bad = await billfold(['verify', scheme, '--json', '--at', '2030-01-01T00:00:00Z', ...flags], {
      env: own,
      input: signed.stdout.replace(
        /(Signature=|"signature":"|signature=|v1,|Bearer e|assertion":"|^signature: )./m,
        '$1',
      ),
    })
    assert.equal(bad.status, 1, `${scheme}: ${bad.stderr}`)
    assert.ok(JSON.parse(bad.stdout).findings.length > 0)
  }
})

test('a program in each language is written', async () => {
  for (const language of ['curl', 'node', 'php', 'ruby', 'python']) {
    const { status, stdout } = await billfold(['sign', 'tillo', '--example', '--snippet', language])
    assert.equal(status, 0)
    assert.match(stdout, /TILLO_SECRET/)
  }
})

test('verify names the mistake, in words and as JSON, and its exit status tells', async () => {
  const { stdout } = await billfold(['sign', 'walleo', '--body', body, ...walleo], { env })
  const late = await billfold(['verify', 'walleo', ...walleo.slice(0, 2)], { env, input: stdout })
  assert.equal(late.status, 1)
  assert.match(late.stdout, /^The time is too old: .* \(stale-time\)\nthis text has to be signed:\nPOST\+http/)
  const then = ['verify', 'walleo', ...walleo.slice(0, 2), '--at', '1648559280']
  assert.equal((await billfold(then, { env, input: stdout })).status, 0)
  const asText = await billfold([...then, '--json'], { env: { WALLEO_SHARED_KEY: 'abcd' }, input: stdout })
  assert.equal(JSON.parse(asText.stdout).findings[0].mistake, 'signature-mismatch')
})

test('the commands of the documentation run as they stand', { skip: process.platform === 'win32' }, async () => {
  const page = readFileSync(new URL('../../docs/signatures.md', import.meta.url), 'utf8')
  const script = /```sh\n([\s\S]+?)```/.exec(page)?.[1] ?? ''
  const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
  const commands = script.replaceAll('bin/billfold.mjs', `"$NODE" "${main}"`)
  const shell = spawnSync('sh', ['-ec', commands], {
    cwd: folder,
    env: { PATH: process.env.PATH, NODE: process.execPath, BILLFOLD_HOME: home },
    encoding: 'utf8',
  })
  assert.equal(shell.stderr, '')
  assert.match(shell.stdout, /1\. The canonical form[\s\S]+<\?php[\s\S]+the signature is good\n$/)
})

test('calls that are wrong end with 2, what cannot be signed with 1, and no secret is taken as an argument', async () => {
  for (const [args, status, message] of [
    [['sign', 'walleo', '--body', body], 2, /--api-key is missing/],
    [['sign', 'walleo', '--body', body, '--secret', 'x'], 2, /seen by every user/],
    [['verify', 'walleo', '--message', 'x', '--secret', 'x'], 2, /seen by every user/],
    [['sign', 'tillo', '--example', '--snippet', 'cobol'], 2, /one of curl, node, php, ruby, python/],
    [['sign', 'tillo', '--example', '--json', '--explain'], 2, /do not go together/],
    [['sign', 'tillo', '--body', '{}'], 2, /TILLO_SECRET/],
    [['sign', 'walleo', '--example', '--body', '{'], 1, /body: /],
    [['verify', 'walleo', '--message', 'x', '--at', 'soon'], 2, /--at must be a time/],
  ] as const) {
    const ran = await billfold([...args], { env })
    assert.equal(ran.status, status, ran.stderr)
    assert.match(ran.stderr, message)
    assert.doesNotMatch(ran.stderr, /\n {4}at /)
  }
})
