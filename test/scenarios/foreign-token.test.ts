import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { PUBLIC_URL, type SandboxServer, startSandboxServer } from '../support/server.ts'

const MERCHANT = 'shop:corner-cafe:USD'
const script = fileURLToPath(new URL('foreign/check-token.php', import.meta.url))
const needsPhp = { skip: spawnSync('php', ['-v']).status !== 0 && 'no PHP is installed (Debian: php-cli)' }

let server: SandboxServer
before(async () => {
  server = await startSandboxServer()
})
after(() => server.stop())

/** What the script prints, or why it refuses. */
async function check(
  token: string,
  issuer = PUBLIC_URL,
): Promise<{ claims?: Record<string, unknown>; reason?: string }> {
  try {
    const { stdout } = await promisify(execFile)('php', [script, token, `${server.url}/oauth/jwks`, issuer])
    return { claims: JSON.parse(stdout) }
  } catch (error) {
    return { reason: String((error as { stderr?: string }).stderr).trim() }
  }
}

const issue = async () => {
  const payload = {
    endpoint: 'transactions',
    operation: 'charges',
    source: MERCHANT,
    audience: '*',
    amount: '12.50',
    currency: 'USD',
    description: 'Déjà vu',
    expiry: new Date(Date.now() + 600_000).toISOString(),
  }
  return (await server.merchant.done(`/${MERCHANT}/transactions`, payload)).token as string
}

describe('a transaction token in the hands of PHP, with nothing of ours', needsPhp, () => {
  it('is checked against the JWKS, and says what it allows', async () => {
    const { claims } = await check(await issue())
    assert.ok(claims)
    assert.deepEqual(
      [claims.endpoint, claims.source, claims.target, claims.aud, claims.amount, claims.currency, claims.description],
      ['charges', MERCHANT, '*', '*', '12.50', 'USD', 'Déjà vu'],
    )
  })

  it('is refused when it was changed, is another kind of token, or comes from elsewhere', async () => {
    const token = await issue()
    const [header, claims = '', signature] = token.split('.')
    const dearer = Buffer.from(Buffer.from(claims, 'base64url').toString().replace('12.50', '99.50')).toString(
      'base64url',
    )
    assert.deepEqual(await check(`${header}.${dearer}.${signature}`), { reason: 'the signature does not fit' })
    assert.deepEqual(await check(token, 'https://other.example'), { reason: 'issued elsewhere' })
    assert.deepEqual(await check(server.merchant.token), { reason: 'not a transaction token' })
  })
})
