import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { describe, test } from 'node:test'
import {
  createAddressReader,
  createAddressSet,
  createRequestAddress,
  networkOf,
} from '../../src/credentials/address.ts'
import { readBasic } from '../../src/credentials/basic.ts'
import { normaliseTarget } from '../../src/credentials/dpop-uri.ts'
import { createMac, createSigningKey } from '../../src/credentials/envelope.ts'
import { createKeyring } from '../../src/credentials/keyring.ts'
import { hashRecoveryCode, makeRecoveryCodes, readRecoveryCode } from '../../src/credentials/recovery-codes.ts'
import * as secrets from '../../src/credentials/secrets.ts'
import { makeTotpSecret, readTotpCode, totpAddress, totpContext, totpStep } from '../../src/credentials/totp.ts'
import {
  looksLikeTransactionToken,
  signTransactionToken,
  TRANSACTION_TOKEN_MAX_MS,
  type TransactionTokenClaims,
  verifyTransactionToken,
} from '../../src/credentials/transaction-token.ts'
import { createVoucherUrls } from '../../src/credentials/voucher-url.ts'

describe('a Basic authorization', () => {
  const basic = (text: string | Buffer) => Buffer.from(text).toString('base64')
  test('is a name, and a secret that may hold colons', () => {
    assert.deepEqual(readBasic(`Basic ${basic('ann:a:b')}`), { name: 'ann', secret: 'a:b' })
    assert.deepEqual(readBasic(`bASIC   ${basic('é:')}`), { name: 'é', secret: '' })
    assert.deepEqual(readBasic(`Basic ${basic('a:b12').replace(/=+$/, '')}`), { name: 'a', secret: 'b12' })
    assert.deepEqual(readBasic(`Basic ${basic('ab:1').replace(/=+$/, '')}`), { name: 'ab', secret: '1' })
  })

  test('is nothing else', () => {
    const wrong = [undefined, '', 'Basic', 'Basic ', `Bearer ${basic('a:b')}`, `xBasic ${basic('a:b')}`]
    const texts = ['ab', ':b', 'a:\n', '\u0085a:b', Buffer.from([97, 58, 0xff])].map((text) => `Basic ${basic(text)}`)
    const spelt = [
      `Basic ${basic('a:b')} x`,
      `Basic${basic('a:b')}`,
      'Basic YTpi=',
      'Basic YTpiYh==',
      'Basic YTp-',
      'Basic =',
    ]
    for (const text of [...wrong, ...texts, ...spelt]) assert.equal(readBasic(text), null, text)
  })
})

describe('an address', () => {
  test('is believed of named proxies only, as far back as they wrote it', () => {
    const read = createAddressReader(['10.0.0.0/8', '2001:db8::1'])
    assert.equal(read('203.0.113.9', '198.51.100.1'), '203.0.113.9')
    assert.equal(read('10.1.1.1', undefined), '10.1.1.1')
    assert.equal(read('::ffff:203.0.113.9', undefined), '203.0.113.9')
    assert.equal(read('10.1.1.1', '198.51.100.1, 203.0.113.9'), '203.0.113.9')
    assert.equal(read('::FFFF:10.1.1.1', '203.0.113.9 , ::ffff:10.2.2.2'), '203.0.113.9')
    assert.equal(read('2001:db8::1', '2001:db8::7'), '2001:db8::7')
    assert.equal(read('10.1.1.1', '203.0.113.9, unknown'), '10.1.1.1')
    assert.equal(read('10.1.1.1', '10.2.2.2, 10.3.3.3'), '10.2.2.2')
    assert.equal(read(undefined, '203.0.113.9'), '')
    assert.equal(read('x::ffff:1.2.3.4', undefined), 'x::ffff:1.2.3.4')
    assert.equal(read('::ffff:1.2.3.4x', undefined), '::ffff:1.2.3.4x')
  })

  test('of a request is read from its socket and its headers', () => {
    const read = createRequestAddress(['10.0.0.1'])
    const request = (forwarded?: string | string[]) =>
      ({ socket: { remoteAddress: '10.0.0.1' }, headers: { 'x-forwarded-for': forwarded } }) as never
    assert.equal(read(request('203.0.113.9')), '203.0.113.9')
    assert.equal(read(request(['198.51.100.1', '203.0.113.9'])), '203.0.113.9')
    assert.equal(read(request()), '10.0.0.1')
  })

  test('is in a set or not', () => {
    const is = createAddressSet(['10.0.0.0/8', '192.0.2.1', '2001:db8::/32'])
    for (const address of ['10.255.0.1', '192.0.2.1', '2001:db8:1::1']) assert.ok(is(address), address)
    for (const address of ['11.0.0.1', '192.0.2.2', '2001:db9::1', '', 'x']) assert.equal(is(address), false, address)
  })

  test('stands for its /64 where it is of version 6', () => {
    const networks: [string, string][] = [
      ['192.0.2.1', '192.0.2.1'],
      ['not an address', 'not an address'],
      ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
      ['2001:0DB8:0001:0002::1', '2001:db8:1:2'],
      ['2001:db8::1', '2001:db8:0:0'],
      ['::1', '0:0:0:0'],
      ['1::', '1:0:0:0'],
      ['::2:3:4:5:6', '0:0:0:2'],
      ['2001::2:3:4:5:6:7', '2001:0:2:3'],
      ['fe80::1:2:3:4%eth0', 'fe80:0:0:0'],
    ]
    for (const [address, network] of networks) assert.equal(networkOf(address), network, address)
  })
})

test('the target of a proof is compared in one spelling', () => {
  const target = (origin: string, path: string) => ({ origin, path })
  assert.deepEqual(
    normaliseTarget('HTTPS://X.example:443/a/../b%7e%2fc%3A?q#f'),
    target('https://x.example', '/b~%2Fc%3A'),
  )
  assert.deepEqual(normaliseTarget('http://x.example:8080'), target('http://x.example:8080', '/'))
  for (const uri of [
    '',
    '/a',
    'ftp://x.example/',
    'xhttps://x.example/',
    'https://u@x.example/',
    'https://:p@x.example/',
    'https://x.example/a b',
    'https://x.example\\a',
    'https://x.example/é',
    'https://',
    'https://x.example/\n',
    'https://[/',
  ]) {
    assert.equal(normaliseTarget(uri), null, uri)
  }
})

test('a signing key is secret and never empty', () => {
  const { publicKey } = generateKeyPairSync('ed25519')
  assert.throws(() => createMac(publicKey), TypeError)
  for (const empty of ['', new Uint8Array()]) assert.throws(() => createSigningKey(empty))
  const mac = createMac(createSigningKey('secret'))
  assert.equal(mac.sign('a'), createMac(createSigningKey(Buffer.from('secret'))).sign('a'))
  assert.deepEqual([mac.verify('a', mac.sign('a')), mac.verify('b', mac.sign('a'))], [true, false])
})

describe('a code of an authenticator', () => {
  // RFC 6238, appendix B, in six digits.
  const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
  test('is that of its half minute, or of the ones beside it', () => {
    assert.equal(totpStep(secret, '287082', 59_000), 1)
    assert.equal(totpStep(secret, '081804', 1_111_111_109_000), 37_037_036)
    for (const [at, step] of [
      [0, 1],
      [89_999, 1],
      [90_000, null],
    ] as const) {
      assert.equal(totpStep(secret, '287082', at), step)
    }
    assert.equal(totpStep(secret, '287083', 59_000), null)
  })

  test('has six digits, however it is typed', () => {
    assert.deepEqual([' 287 082\t', '287082'].map(readTotpCode), ['287082', '287082'])
    for (const text of ['28708', '2870822', '28708x', 'x287082', '287082x', '']) assert.equal(readTotpCode(text), null)
  })

  test('comes of a secret that the app reads from an address', () => {
    assert.match(makeTotpSecret(), /^[A-Z2-7]{32}$/)
    assert.notEqual(makeTotpSecret(), makeTotpSecret())
    const address = new URL(totpAddress(secret, 'Shop', 'ann@x.example'))
    assert.equal(address.host, 'totp')
    assert.equal(decodeURIComponent(address.pathname), '/Shop:ann@x.example')
    assert.deepEqual(Object.fromEntries(address.searchParams), {
      issuer: 'Shop',
      secret,
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    })
    assert.equal(totpContext('ann@x.example'), 'totp:ann@x.example')
  })
})

test('ten recovery codes are read however they are typed, and hashed for one person', () => {
  const codes = makeRecoveryCodes()
  assert.equal(new Set(codes).size, 10)
  for (const code of codes) {
    assert.match(code, /^([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}$/)
    assert.equal(readRecoveryCode(` ${code.toUpperCase().replaceAll('-', ' ')}`), code.replaceAll('-', ''))
  }
  assert.equal(readRecoveryCode('OIL0-1111-2222-3333'), '0110111122223333')
  for (const text of ['', '0'.repeat(15), '0'.repeat(17), 'u'.repeat(16)]) assert.equal(readRecoveryCode(text), null)
  const hash = hashRecoveryCode('ann', 'aaaa-bbbb-cccc-dddd')
  assert.deepEqual(hash, createHash('sha256').update('recovery-code\nann\naaaabbbbccccdddd').digest())
})

test('secrets bear a prefix, are compared as hashes, and hashed over all their parts', () => {
  for (const [kind, prefix] of [
    ['clientSecret', 'bfs_'],
    ['signingSecret', 'bfh_'],
    ['apiKey', 'bfk_'],
    ['refreshToken', 'bfr_'],
    ['applicationPassword', 'bfa_'],
  ] as const) {
    assert.match(secrets.makeSecret(kind), new RegExp(`^${prefix}[A-Za-z0-9_-]{43}$`))
  }
  const hash = secrets.hashSecret('a')
  assert.deepEqual([secrets.secretMatches('a', hash), secrets.secretMatches('b', hash)], [true, false])
  assert.deepEqual(
    [secrets.equalBytes(hash, hash.subarray(1)), secrets.equalBytes(hash, Buffer.from(hash))],
    [false, true],
  )
  assert.deepEqual(secrets.hashBytes(Buffer.from('a'), Buffer.from('b')), createHash('sha256').update('ab').digest())
})

test('the address of a voucher opens by every key of the ring', () => {
  const [old, young] = [randomBytes(32), randomBytes(32)]
  const { searchParams } = new URL(createVoucherUrls(createKeyring([old])).path('v1', 5_000), 'https://x.example')
  const query = Object.fromEntries(searchParams) as { expires: string; signature: string }
  const opens = (...keys: Buffer[]) => createVoucherUrls(createKeyring(keys)).opens('v1', query, 0)
  assert.deepEqual([opens(young, old), opens(old, young), opens(young)], [true, true, false])
})

test('the address of a voucher opens that one until its time is over', () => {
  const urls = createVoucherUrls(createKeyring([randomBytes(32)]))
  const url = new URL(urls.path('v1', 5_999), 'https://x.example')
  const query = Object.fromEntries(url.searchParams) as { expires: string; signature: string }
  assert.deepEqual([url.pathname, query.expires], ['/vouchers/v1.pdf', '5'])
  assert.deepEqual([urls.opens('v1', query, 4_999), urls.opens('v1', query, 5_000)], [true, false])
  assert.equal(urls.opens('v2', query, 0), false)
  assert.equal(urls.opens('v1', { ...query, expires: '6' }, 0), false)
  assert.equal(urls.opens('v1', { ...query, signature: '' }, 0), false)
  // 32 bytes leave two bits of the last character unused: three more spellings stand for the same bytes.
  const spellings = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'].filter((last) =>
    urls.opens('v1', { ...query, signature: query.signature.slice(0, -1) + last }, 0),
  )
  assert.deepEqual(spellings, [query.signature.at(-1)])
  assert.equal(urls.opens('v1', { ...query, signature: `${query.signature}=` }, 0), false)
  const endless = new URL(urls.path('v1', 1e16), 'https://x.example').searchParams
  assert.equal(
    urls.opens('v1', { expires: endless.get('expires') ?? '', signature: endless.get('signature') ?? '' }, 0),
    false,
  )
})

describe('a transaction token', () => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const claims = { iss: 'https://x.example', sub: 'us:1:USD', jti: 'j' } as TransactionTokenClaims
  const deps = {
    issuer: claims.iss,
    keys: {
      async find(kid: unknown) {
        assert.equal(typeof kid, 'string', 'a key is asked for by its name')
        return kid === 'k' ? pair.publicKey : undefined
      },
    },
  } as never
  const genuine = signTransactionToken({ kid: 'k', key: pair.privateKey }, claims)
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const made = (header: object, payload: unknown = claims) => {
    const input = `${encode({ alg: 'ES256', typ: 'transaction+jwt', kid: 'k', ...header })}.${encode(payload)}`
    const code = sign('sha256', Buffer.from(input), { key: pair.privateKey, dsaEncoding: 'ieee-p1363' })
    return `${input}.${code.toString('base64url')}`
  }
  const verified = (token: string) => verifyTransactionToken(deps, token)

  test('says what it said when it was signed here', async () => {
    assert.deepEqual(await verified(genuine), claims)
    assert.deepEqual(await verified(signTransactionToken({ kid: 'k', key: pair.privateKey }, claims)), claims)
    assert.deepEqual(await verified(made({})), claims)
    const [head = ''] = signTransactionToken({ kid: 'k', key: pair.privateKey }, claims).split('.')
    assert.equal(head, encode({ alg: 'ES256', typ: 'transaction+jwt', kid: 'k' }))
    assert.deepEqual(await verified(made({ other: 1 })), claims)
    assert.ok(looksLikeTransactionToken(genuine))
    for (const text of ['', 'a.b.c', made({ typ: 'JWT' }), `${encode(null)}.`, `${encode([])}.`, `${encode(1)}.`]) {
      assert.equal(looksLikeTransactionToken(text), false)
    }
  })

  test('looks like one by its header alone, in base64url and of bounded length', () => {
    const header = (padding: number) => encode({ typ: 'transaction+jwt', x: 'x'.repeat(padding) })
    const longest = header(12_256)
    assert.equal(longest.length, 16_384)
    assert.deepEqual([longest, header(12_257)].map(looksLikeTransactionToken), [true, false])
    for (const text of [`!${header(1)}`, `${header(1)}!`, `${header(1)}=`])
      assert.equal(looksLikeTransactionToken(text), false)
    assert.equal(looksLikeTransactionToken(`${Buffer.from('{').toString('base64url')}.x.y`), false)
  })

  test('has 16 KiB at most, and is issued for a week at most', async () => {
    const base = made({}, { ...claims, details: '' }).length
    const sized = (letters: number) => made({}, { ...claims, details: 'x'.repeat(letters) })
    // Three letters make four characters.
    const letters = Math.floor(((16_384 - base) * 3) / 4)
    const at = [letters - 2, letters - 1, letters, letters + 1, letters + 2].map(sized)
    const [good, bad] = [at.filter(({ length }) => length <= 16_384), at.filter(({ length }) => length > 16_384)]
    assert.ok(good.some(({ length }) => length >= 16_383) && bad.some(({ length }) => length <= 16_386))
    for (const token of good) assert.ok(await verified(token), String(token.length))
    for (const token of bad) assert.equal(await verified(token), null, String(token.length))
    assert.equal(TRANSACTION_TOKEN_MAX_MS, 604_800_000)
  })

  test('is nothing when anything of it is another', async () => {
    const [header, payload, code = ''] = genuine.split('.')
    const wrong = [
      '',
      'a.b.c',
      `${genuine}.`,
      `${header}.${payload}`,
      `${header}.${payload}.${code}=`,
      `${header}.${payload}.${code.slice(0, -4)}`,
      `${header}.${encode({ ...claims, sub: 'x' })}.${code}`,
      `${header}!.${payload}.${code}`,
      made({ alg: 'HS256' }),
      made({ typ: 'JWT' }),
      made({ kid: 'other' }),
      made({ kid: 1 }),
      made({ crit: [] }),
      made({ b64: false }),
      made({}, { ...claims, iss: 'https://y.example' }),
      made({}, null),
      made({}, [claims]),
      made({}, { ...claims, description: 'x'.repeat(16_384) }),
    ]
    for (const token of wrong) assert.equal(await verified(token), null, token.slice(0, 200))
  })
})
