import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import test from 'node:test'
import { ConfigError, publicUrlsOf, readConfig } from '../src/config.ts'

const problem = (env: Record<string, string>): string => {
  try {
    readConfig(env)
    return ''
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.message
  }
}

test('mail and proxies are read from the environment', () => {
  const { config, secrets } = readConfig({
    BILLFOLD_SMTP_URL: 'smtps://user:secret@mail.example:465',
    BILLFOLD_MAIL_FROM: 'Pay Example <post@pay.example>',
    BILLFOLD_TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8,2001:db8::/32',
  })
  assert.equal(secrets.smtpUrl, 'smtps://user:secret@mail.example:465')
  assert.equal(config.mailFrom, 'Pay Example <post@pay.example>')
  assert.deepEqual(config.trustedProxies, ['127.0.0.1', '10.0.0.0/8', '2001:db8::/32'])
  assert.ok(!JSON.stringify(config).includes('secret'))
  assert.equal(readConfig({}).secrets.smtpUrl, null)
})

test('what is no mail server, no sender or no proxy is named, without the password', () => {
  for (const url of ['mail.example', 'http://user:secret@mail.example', 'smtp://', 'smtp:secret']) {
    const message = problem({ BILLFOLD_SMTP_URL: url })
    assert.match(message, /BILLFOLD_SMTP_URL: must be smtp/, url)
    assert.ok(!message.includes('secret'))
  }
  for (const from of ['nobody', 'A <a@b', 'a@b\r\nBcc: c@d', 'a@b, c@d', '<a@b> <c@d>']) {
    assert.match(problem({ BILLFOLD_MAIL_FROM: from }), /BILLFOLD_MAIL_FROM: must be an address/, from)
  }
  for (const proxies of ['proxy', '10.0.0.0/33', '10.0.0.0/8/8', '::/129', '1.2.3']) {
    assert.match(problem({ BILLFOLD_TRUSTED_PROXIES: proxies }), /is no address and no CIDR block/, proxies)
  }
})

test('a second factor is required of operators with yes, and with nothing else', () => {
  assert.equal(readConfig({ BILLFOLD_REQUIRE_SECOND_FACTOR: 'yes' }).config.requireSecondFactor, true)
  for (const text of ['', 'no']) {
    assert.equal(readConfig({ BILLFOLD_REQUIRE_SECOND_FACTOR: text }).config.requireSecondFactor, undefined)
  }
  assert.match(problem({ BILLFOLD_REQUIRE_SECOND_FACTOR: 'true' }), /BILLFOLD_REQUIRE_SECOND_FACTOR: must be yes or no/)
})

test('production mails come from an address that someone chose', () => {
  const env = {
    BILLFOLD_MODE: 'production',
    BILLFOLD_KEY: randomBytes(32).toString('hex'),
    BILLFOLD_PUBLIC_URL: 'https://pay.example',
    DATABASE_URL: 'postgres://a:b@db.example/c',
    BILLFOLD_SMTP_URL: 'smtp://mail.example',
  }
  assert.match(problem(env), /BILLFOLD_MAIL_FROM: production needs/)
  assert.equal(problem({ ...env, BILLFOLD_MAIL_FROM: 'post@pay.example' }), '')
})

test('production takes no placeholder for a key', () => {
  const env = {
    BILLFOLD_MODE: 'production',
    BILLFOLD_PUBLIC_URL: 'https://pay.example',
    DATABASE_URL: 'postgres://db/c',
  }
  for (const key of [
    '00'.repeat(32),
    '0123456789abcdef'.repeat(4),
    `${randomBytes(32).toString('hex')},${'ab'.repeat(32)}`,
  ])
    assert.match(problem({ ...env, BILLFOLD_KEY: key }), /BILLFOLD_KEY: this is no random key/)
  assert.equal(problem({ ...env, BILLFOLD_KEY: randomBytes(32).toString('base64') }), '')
})

test('without a public URL the server is at two names of this machine', () => {
  const at = (host: string) => publicUrlsOf({ publicUrls: [], host, port: 8080 })
  assert.deepEqual(at('127.0.0.1'), ['http://localhost:8080', 'http://127.0.0.1:8080'])
  assert.deepEqual(at('10.0.0.7'), ['http://10.0.0.7:8080'])
  assert.deepEqual(publicUrlsOf({ publicUrls: ['https://pay.example'], host: '', port: 1 }), ['https://pay.example'])
})
