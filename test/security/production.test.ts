import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { ConfigError, readConfig } from '../../src/config.ts'
import { refuseInsecurePlace } from '../../src/insecure-place.ts'
import { createSignIn } from '../../src/operations/create-sign-in.ts'
import { createTestDatabase } from '../support/database.ts'

const SAFE = {
  BILLFOLD_MODE: 'production',
  BILLFOLD_KEY: randomBytes(32).toString('hex'),
  BILLFOLD_PUBLIC_URL: 'https://pay.example',
  DATABASE_URL: 'postgres://billfold:pw@db.example/billfold',
  BILLFOLD_TRUSTED_PROXIES: '10.0.0.0/8, 2001:db8::/32',
  BILLFOLD_WEBHOOK_ALLOW: '10.1.0.0/16',
}

/** What is wrong, without the first line. */
function problemsOf(env: Record<string, string | undefined>): string[] {
  try {
    readConfig({ ...SAFE, ...env })
    return []
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.message.split('\n  ').slice(1)
  }
}

/** One thing is wrong, and told in one line without a secret. */
function refuses(env: Record<string, string | undefined>, expected: RegExp): void {
  const problems = problemsOf(env)
  assert.equal(problems.length, 1, problems.join('\n'))
  assert.match(problems[0] as string, expected)
  for (const secret of [SAFE.BILLFOLD_KEY, 'pw@']) assert.ok(!problems[0]?.includes(secret))
}

describe('production does not start with', () => {
  test('a public URL without TLS', () =>
    refuses({ BILLFOLD_PUBLIC_URL: 'http://pay.example' }, /^BILLFOLD_PUBLIC_URL: .* is not https$/))
  test('one public URL of several without TLS', () =>
    refuses(
      { BILLFOLD_PUBLIC_URL: 'https://pay.example,http://pay.example' },
      /^BILLFOLD_PUBLIC_URL: .* is not https$/,
    ))
  test('no public URL', () => refuses({ BILLFOLD_PUBLIC_URL: undefined }, /^BILLFOLD_PUBLIC_URL: production needs/))
  test('no key', () => refuses({ BILLFOLD_KEY: undefined }, /^BILLFOLD_KEY: production needs a key/))
  test('a placeholder as its key', () =>
    refuses({ BILLFOLD_KEY: 'ab'.repeat(32) }, /^BILLFOLD_KEY: this is no random key$/))
  test('a short key', () =>
    refuses({ BILLFOLD_KEY: randomBytes(16).toString('hex') }, /^BILLFOLD_KEY: key 1 is not 32 bytes/))
  test('the embedded database', () =>
    refuses({ DATABASE_URL: undefined }, /^DATABASE_URL: production needs a PostgreSQL/))
  test('mails from nobody', () =>
    refuses({ BILLFOLD_SMTP_URL: 'smtp://mail.example' }, /^BILLFOLD_MAIL_FROM: production needs/))
  test('every caller as a trusted proxy', () =>
    refuses({ BILLFOLD_TRUSTED_PROXIES: '0.0.0.0/0' }, /^BILLFOLD_TRUSTED_PROXIES: .*every/))
  test('every caller by IPv6 as one', () =>
    refuses({ BILLFOLD_TRUSTED_PROXIES: '10.0.0.1,::/0' }, /^BILLFOLD_TRUSTED_PROXIES: ::\/0/))
  test('half of the internet as one', () =>
    refuses({ BILLFOLD_TRUSTED_PROXIES: '128.0.0.0/1' }, /^BILLFOLD_TRUSTED_PROXIES: 128/))
  test('webhooks to every inside address', () =>
    refuses({ BILLFOLD_WEBHOOK_ALLOW: '0.0.0.0/0' }, /^BILLFOLD_WEBHOOK_ALLOW: .*inside/))
  test('certificates that nobody checks', () =>
    refuses({ NODE_TLS_REJECT_UNAUTHORIZED: '0' }, /^NODE_TLS_REJECT_UNAUTHORIZED: 0 takes/))

  test('a home that others may read, or a database that a sandbox filled', async (t) => {
    const { db, drop } = await createTestDatabase()
    const home = await mkdtemp(join(tmpdir(), 'billfold-home-'))
    t.after(async () => {
      await drop()
      await rm(home, { recursive: true })
    })
    await refuseInsecurePlace(db, home)
    await refuseInsecurePlace(db, join(home, 'not-there-yet'))
    for (const mode of [0o755, 0o701, 0o702]) {
      await chmod(home, mode)
      await assert.rejects(refuseInsecurePlace(db, home), /^ConfigError: others may read .*: chmod 700 it$/)
    }
    await chmod(home, 0o750)
    await refuseInsecurePlace(db, home)
    await db.query(`insert into party (id, kind, name) values (gen_random_uuid(), 'business', 'Sandbox gateway')`)
    await db.query(
      `insert into client (id, party_id, name, public, scopes) select 'sandbox-gateway', id, 'Gateway', true, '{}' from party`,
    )
    await assert.rejects(refuseInsecurePlace(db, home), /^ConfigError: DATABASE_URL: a sandbox filled this database/)
  })

  test('an operator whose password anybody tries first', async (t) => {
    const { db, drop } = await createTestDatabase()
    t.after(drop)
    const passwords = { hash: async () => assert.fail('nothing is hashed'), verify: async () => false }
    const operator = { partyId: '0197b6a0-0000-7000-8000-000000000000', email: 'op@pay.example', operator: true }
    for (const password of ['short', 'password123', 'op@pay.example', '12345678'])
      await assert.rejects(createSignIn({ db, passwords }, { ...operator, password }), /password/, password)
  })

  test('nothing else: these settings are good', () => {
    assert.deepEqual(problemsOf({}), [])
  })
})
