import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { createPrivateKey } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import {
  diagnose,
  exampleValues,
  explainSigning,
  type SigningScheme,
  type SnippetLanguage,
  signingSchemes,
  signingSnippet,
  snippetLanguages,
} from '#sdk/explain/index.ts'

type Arrived = { method: string; url: string; headers: Record<string, string>; body: string }

let origin = ''
let arrived: Arrived[] = []
const server = createServer(async (request, response) => {
  const body = await text(request)
  const { method = '', url = '' } = request
  arrived.push({ method, url, headers: request.headers as Record<string, string>, body })
  response.setHeader('connection', 'close').end('{"ok":true}')
})
const work = mkdtempSync(join(tmpdir(), 'billfold-snippets-'))
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
after(() => {
  server.close()
  rmSync(work, { recursive: true, force: true })
})

const programs: Record<SnippetLanguage, { command: string; file: string; needs: string[] }> = {
  curl: { command: 'bash', file: 'snippet.sh', needs: ['bash', 'curl', 'openssl'] },
  node: { command: process.execPath, file: 'snippet.mjs', needs: [] },
  php: { command: 'php', file: 'snippet.php', needs: ['php'] },
  ruby: { command: 'ruby', file: 'snippet.rb', needs: ['ruby'] },
  python: { command: 'python3', file: 'snippet.py', needs: ['python3'] },
}
const isThere = (program: string) => spawnSync(program, [program === 'openssl' ? 'version' : '--version']).status === 0
const missing = (language: SnippetLanguage) => programs[language].needs.find((program) => !isThere(program))

const variables: Record<SigningScheme, string> = {
  webwallet: 'BILLFOLD_SIGNING_SECRET',
  'transaction-token': 'TRANSACTION_KEY_FILE',
  walleo: 'WALLEO_SHARED_KEY',
  tillo: 'TILLO_SECRET',
  'pledg-request': 'PLEDG_SECRET',
  'pledg-notification': 'PLEDG_SECRET',
  jackpot: 'JACKPOT_API_SIGNATURE',
  webhook: 'WEBHOOK_SECRET',
}

/** What has to be quoted in one language or another. */
const awkward = `it's "quoted" \\ $HOME \`id\` #{1} {$x} é 💶`

type Case = { name: string; scheme: SigningScheme; values: Record<string, string> }

function cases(now: number): Case[] {
  const own = (scheme: SigningScheme, name: string, more: Record<string, string>): Case => ({
    name: `${scheme}${name}`,
    scheme,
    values: { ...exampleValues(scheme, origin, now), ...more },
  })
  const local = { url: `${origin}/in` }
  const said = JSON.stringify({ reference: 'PLEDG_1', note: awkward })
  const hashed = JSON.parse(exampleValues('pledg-notification', origin, now).body ?? '')
  return [
    ...signingSchemes.map((scheme) =>
      own(scheme, '', ['webhook', 'pledg-notification'].includes(scheme) ? local : { accessToken: 'abc' }),
    ),
    own('webwallet', ' with awkward text', {
      payload: JSON.stringify({ amount: 1, note: awkward }),
      accessToken: 'abc',
    }),
    own('walleo', ' with awkward text', { body: JSON.stringify({ card: { note: awkward } }) }),
    own('walleo', ' without a body', { method: 'GET', url: `${origin}/partners/v1/gift_cards?a=b%20c`, body: '' }),
    own('tillo', ' in full', { form: 'full' }),
    own('tillo', ' without a body', {
      method: 'GET',
      url: `${origin}/api/v2/brands?brand=amazon&detail=true`,
      body: '',
    }),
    own('pledg-request', ' to the front', { path: 'purchase' }),
    own('pledg-notification', ' as a token', { ...local, form: 'token', body: said }),
    own('pledg-notification', ' with awkward text', { ...local, body: JSON.stringify({ ...hashed, error: awkward }) }),
    own('jackpot', ' of version 1', {
      version: 'v1',
      claims: JSON.stringify({ amount: 100, cp: '75000', age: 40, gender: 'M', userId: 'u', notificationKey: 'k' }),
    }),
    own('webhook', ' with awkward text', { ...local, body: JSON.stringify({ type: awkward }, null, 2) }),
  ]
}

for (const language of snippetLanguages) {
  const absent = missing(language)
  test(`the snippets in ${language} send what the SDK signs`, {
    skip: absent && `${absent} is not installed`,
  }, async () => {
    const now = Date.now()
    const { command, file } = programs[language]
    for (const { name, scheme, values } of cases(now)) {
      if (language === 'python' && scheme === 'transaction-token' && !hasCryptography()) continue
      const path = join(work, file)
      const snippet = await signingSnippet(scheme, language, values, now)
      const { secret = '' } = values
      assert.ok(scheme === 'webhook' || !snippet.includes(`'${secret}'`), 'a snippet has no secret')
      writeFileSync(path, snippet)
      arrived = []
      const env = { PATH: process.env.PATH, HOME: '/nowhere', ...environmentOf(scheme, values) }
      const ran = await promisify(execFile)(command, [path], { env, timeout: 20_000 }).catch((error) => error)
      const why = `${name} in ${language}\n${snippet}\n${ran.stderr}`
      assert.match(ran.stdout, /\{"ok":true\}/, why)
      assert.equal(ran.stderr, '', why)
      await compare(scheme, values, now, arrived[0] as Arrived, why)
    }
  })
}

function environmentOf(scheme: SigningScheme, values: Record<string, string>): Record<string, string> {
  const common = { BILLFOLD_ACCESS_TOKEN: 'abc', WALLEO_API_KEY: values.apiKey ?? '' }
  if (scheme !== 'transaction-token') return { ...common, [variables[scheme]]: values.secret ?? '' }
  const pem = join(work, 'key.pem')
  const key = createPrivateKey({ key: JSON.parse(values.secret ?? ''), format: 'jwk' })
  writeFileSync(pem, key.export({ type: 'pkcs8', format: 'pem' }))
  return { ...common, TRANSACTION_KEY_FILE: pem }
}

const hasCryptography = () => spawnSync('python3', ['-c', 'import cryptography']).status === 0

/** The request that came is the one of the SDK's own signer, and is found right. */
async function compare(scheme: SigningScheme, values: Record<string, string>, now: number, came: Arrived, why: string) {
  const { request, signature } = await explainSigning(scheme, values, now)
  assert.equal(came.method, request.method, why)
  const whole = { ...came, url: origin + came.url }
  if (scheme === 'transaction-token') {
    // Each signature of ECDSA is another; all else is the same.
    const unsigned = (body: string) => body.replace(/\.[\w-]{86}"/, '"')
    assert.equal(unsigned(came.body), unsigned(request.body ?? ''), why)
  } else {
    assert.ok(JSON.stringify(whole).includes(JSON.stringify(signature).slice(1, -1)), why)
    assert.equal(whole.url, request.url, why)
    assert.equal(came.body, request.body ?? '', why)
    for (const [name, value] of Object.entries(request.headers)) assert.equal(came.headers[name], value, why)
  }
  const lines = Object.entries(came.headers).map(([name, value]) => `${name}: ${value}`)
  const pasted = `${came.method} ${whole.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${came.body}`
  assert.deepEqual((await diagnose(scheme, pasted, values, now)).findings, [], why)
}
