import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { type SandboxServer, startSandboxServer } from '../../support/server.ts'
import { canonical, envelope, mac, opened, refused } from '../../support/wallet-client.ts'

const PATH = '/shop:corner-cafe:USD/funds'
const payload = {
  endpoint: 'funds',
  source: 'bank:gateway:USD',
  target: 'shop:corner-cafe:USD',
  amount: 1,
  currency: 'USD',
}

let server: SandboxServer
before(async () => {
  server = await startSandboxServer()
})
after(() => server.stop())

/** Sends the message as the gateway. @returns the refusal; nothing may have moved */
async function attempt(changes: Record<string, unknown>, sent: object = payload): Promise<string> {
  const { gateway } = server
  const answer = await gateway.raw(PATH, envelope(gateway.signingSecret, sent, changes))
  assert.equal(await server.balance('shop:corner-cafe:USD'), 0n)
  return refused(answer, gateway.signingSecret)
}

describe('a message of a client with a signing secret', () => {
  it('is refused without a signature', async () => {
    assert.equal(await attempt({ signature: undefined }), '403 envelope-unsigned')
    assert.equal(await attempt({ signature: undefined, header: undefined }), '403 envelope-unsigned')
    assert.equal(await attempt({ signature: null }), '400 envelope-malformed')
    assert.equal(await attempt({ signature: '' }), '400 envelope-signature-malformed')
    assert.equal(await attempt({ signature: 7 }), '400 envelope-malformed')
  })

  it('is refused when another secret signed it: a wrong one, the client secret, that of another client', async () => {
    const { gateway, merchant, sandbox } = server
    const text = canonical(payload)
    const keys = [
      'wrong',
      `${gateway.signingSecret} `,
      sandbox.clients.gateway.client_secret,
      merchant.signingSecret as string,
      gateway.token,
    ]
    for (const key of keys) assert.equal(await attempt({ signature: mac(key, text) }), '403 envelope-signature-wrong')
  })

  it('is refused when the payload is not the one that was signed', async () => {
    const { gateway } = server
    const signature = mac(gateway.signingSecret as string, canonical(payload))
    const altered = [
      { ...payload, amount: 2 },
      { ...payload, amount: '1' },
      { ...payload, target: 'shop:corner-cafe:usd' },
      { ...payload, description: '' },
      { ...payload, source: 'bank:gateway:EUR' },
    ]
    for (const sent of altered) assert.equal(await attempt({ signature }, sent), '403 envelope-signature-wrong')
  })

  it('is refused when the signature is of other bytes: not canonical, the whole message, a hash', async () => {
    const { gateway } = server
    const key = gateway.signingSecret as string
    const texts = [
      JSON.stringify(payload),
      `${canonical(payload)}\n`,
      canonical({ payload }),
      createHash('sha256').update(canonical(payload)).digest('hex'),
    ]
    for (const text of texts) assert.equal(await attempt({ signature: mac(key, text) }), '403 envelope-signature-wrong')
    const sha1 = createHmac('sha1', key).update(canonical(payload)).digest('base64url')
    const sha512 = createHmac('sha512', key).update(canonical(payload)).digest('base64url')
    for (const signature of [sha1, sha512])
      assert.equal(await attempt({ signature }), '400 envelope-signature-malformed')
  })

  it('is refused when the same signature is spelled otherwise', async () => {
    const { gateway } = server
    const right = mac(gateway.signingSecret as string, canonical(payload))
    const hex = Buffer.from(right, 'base64url').toString('hex')
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    // The last character's two lowest bits are of no byte: four characters decode to one signature.
    const twins = [1, 2, 3].map((bits) => right.slice(0, 42) + alphabet[alphabet.indexOf(right[42] as string) | bits])
    const spellings = [
      `${right}=`,
      `${right}==`,
      ` ${right}`,
      `${right}\n`,
      `${right}.`,
      right.slice(0, 42),
      hex,
      hex.toUpperCase(),
      ...twins,
    ]
    const standard = Buffer.from(right, 'base64url').toString('base64')
    for (const signature of [...spellings, standard]) {
      assert.equal(await attempt({ signature }), '400 envelope-signature-malformed', signature)
    }
  })

  it('is refused for any algorithm but hs256, whatever the signature', async () => {
    const algorithms = [
      'none',
      'None',
      'NONE',
      'RS256',
      'HS512',
      'hs512',
      'ES256',
      'Hs256',
      ' hs256',
      'hs256\n',
      '',
      null,
      256,
      ['hs256'],
      undefined,
    ]
    for (const alg of algorithms) assert.equal(await attempt({ header: { alg } }), '400 envelope-algorithm-refused')
    assert.equal(await attempt({ header: { alg: 'none' }, signature: '' }), '400 envelope-algorithm-refused')
    assert.equal(await attempt({ header: { alg: 'none' }, signature: undefined }), '400 envelope-algorithm-refused')
    assert.equal(await attempt({ header: undefined }), '400 envelope-malformed')
    for (const header of ['hs256', [], null]) assert.equal(await attempt({ header }), '400 envelope-malformed')
  })

  it('is refused for a header that asks for what is not done', async () => {
    const members = {
      crit: ['exp'],
      jku: 'https://evil.example/jwks',
      jwk: { kty: 'oct', k: '' },
      x5u: 'https://evil.example',
      b64: false,
      x: 1,
    }
    for (const [name, value] of Object.entries(members)) {
      assert.equal(await attempt({ header: { alg: 'hs256', [name]: value } }), '400 envelope-header-refused', name)
    }
    assert.equal(await attempt({ header: { alg: 'hs256', kid: 5 } }), '400 envelope-malformed')
    assert.equal(await attempt({ header: { alg: 'hs256', kid: '' } }), '400 envelope-malformed')
  })

  it('is refused with members beside header, payload and signature', async () => {
    for (const name of ['protected', 'signatures', 'Payload', 'extra']) {
      assert.equal(await attempt({ [name]: {} }), '400 envelope-malformed')
    }
  })

  it('of one client is worth nothing with the token of another', async () => {
    const { gateway, merchant } = server
    const answer = await merchant.raw(PATH, envelope(gateway.signingSecret, payload))
    assert.equal(refused(answer, merchant.signingSecret), '403 envelope-signature-wrong')
  })

  it('for one endpoint or wallet is worth nothing at another', async () => {
    const { gateway } = server
    const body = envelope(gateway.signingSecret, payload)
    for (const path of ['/shop:corner-cafe:USD/payments', '/us:8301234567:USD/funds', '/shop:corner-cafe:EUR/funds']) {
      assert.match(refused(await gateway.raw(path, body), gateway.signingSecret), /^422 (endpoint|route)-mismatch$/)
    }
    assert.equal(await server.balance('us:8301234567:USD'), 0n)
  })

  it('made by openssl alone, as the documentation shows, is taken', async () => {
    const { execFile } = await import('node:child_process')
    const { promisify } = await import('node:util')
    const { gateway } = server
    const script = `printf '%s' "$TEXT" | openssl dgst -sha256 -hmac "$KEY" -binary | openssl base64 -A | tr '+/' '-_' | tr -d '='`
    const env = { ...process.env, TEXT: canonical(payload), KEY: gateway.signingSecret as string }
    const { stdout } = await promisify(execFile)('sh', ['-c', script], { env })
    const body = `{"header":{"alg":"hs256"},"payload":${canonical(payload)},"signature":"${stdout}"}`
    const answer = await gateway.raw(PATH, body)
    assert.equal(opened(answer, gateway.signingSecret).success, true)
  })
})

describe('a public client', () => {
  it('sends no signature and gets none', async () => {
    const shop = await server.client([{ id: 'web:one:USD', lower: '-5.00' }, 'web:two:USD'], { public: true })
    const pay = { endpoint: 'payments', target: 'web:two:USD', amount: 1, currency: 'USD' }
    assert.equal((await shop.done('/web:one:USD/payments', pay)).success, true)
    assert.equal(opened(await shop.get('/web:one:USD/balance'), null).balance.amount, -1)
    assert.equal(
      refused(await shop.post('/web:one:USD/payments', { ...pay, amount: 9 }), null),
      '422 unavailable-funds',
    )
  })

  it('is refused when it sends one, for nobody could have checked it', async () => {
    const shop = await server.client([{ id: 'web:three:USD', lower: '-5.00' }], { public: true })
    const pay = { endpoint: 'payments', target: 'web:two:USD', amount: 1, currency: 'USD' }
    for (const secret of ['anything', server.gateway.signingSecret]) {
      const answer = await shop.raw('/web:three:USD/payments', envelope(secret, pay))
      assert.equal(refused(answer, null), '403 signature-not-expected')
    }
  })
})

it('the books are clean after all of it', () => server.assertClean())
