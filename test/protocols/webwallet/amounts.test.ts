import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, it } from 'node:test'
import { isoExponent } from '../../../src/domain/iso-4217.ts'
import { formatAmount } from '../../../src/domain/money.ts'
import { type SandboxServer, startSandboxServer } from '../../support/server.ts'
import { type Caller, canonical, mac, opened, refused } from '../../support/wallet-client.ts'

const page = readFileSync(new URL('../../../docs/webwallet.md', import.meta.url), 'utf8')
const section = page.split('## Amounts')[1]?.split('\n## ')[0] ?? ''
const rows = [...section.matchAll(/^\| `(.+)` \| ([A-Z]{3}) \| (\S+) \|$/gm)].map(
  ([, literal = '', currency = '', result = '']) => ({
    literal,
    currency,
    result,
  }),
)

let server: SandboxServer
let mint: Caller
before(async () => {
  server = await startSandboxServer()
  const currencies = new Set(rows.map(({ currency }) => currency))
  mint = await server.client(
    [...currencies].flatMap((code) => [{ id: `mint:out:${code}`, lower: null }, `mint:in:${code}`]),
  )
})
after(() => server.stop())

/** The body with the literal as it stands; signed over what JavaScript makes of it, if it makes anything of it. */
function body(literal: string, currency: string): string {
  const payload = `{"endpoint":"payments","target":"mint:in:${currency}","currency":"${currency}","amount":${literal}}`
  let signature = 'A'.repeat(43)
  try {
    signature = mac(mint.signingSecret as string, canonical(JSON.parse(payload)))
  } catch {
    // The literal is no JSON; no signature will be looked at.
  }
  return `{"header":{"alg":"hs256"},"payload":${payload},"signature":"${signature}"}`
}

it('every row of the table of amounts in the documentation holds over HTTP', async () => {
  assert.ok(rows.length >= 80)
  for (const { literal, currency, result } of rows) {
    const target = `mint:in:${currency}`
    const before = await server.balance(target)
    const answer = await mint.raw(`/mint:out:${currency}/payments`, body(literal, currency))
    const moved = (await server.balance(target)) - before
    const row = `${literal} ${currency}`
    if (/^\d+$/.test(result)) {
      const payload = opened(answer, mint.signingSecret)
      assert.equal(moved, BigInt(result), row)
      // Echoed as it was sent, and what the history says is the exact decimal.
      assert.deepEqual(payload.amount, JSON.parse(literal), row)
      const { transaction } = opened(await mint.get(`/${target}/transactions/${payload.reference}`), mint.signingSecret)
      const exponent = isoExponent(currency) as number
      assert.equal(Number(transaction.amount), Number(formatAmount(moved, exponent)), row)
      continue
    }
    assert.equal(moved, 0n, row)
    // A payload that is no JSON object of ours, or that has no amount of the right type, is not even looked at in money's terms.
    const malformed = result.startsWith('json-') || result === 'amount-not-a-number'
    const code = result === 'amount-not-a-number' ? 'payload-invalid' : result
    assert.equal(refused(answer, mint.signingSecret), `${malformed ? 400 : 422} ${code}`, row)
  }
})

it('sums of many small parts are exact', async () => {
  const before = await server.balance('mint:in:USD')
  await Promise.all(Array.from({ length: 30 }, () => mint.raw('/mint:out:USD/payments', body('0.1', 'USD'))))
  assert.equal((await server.balance('mint:in:USD')) - before, 300n)
})

it('the books are clean after all of it', () => server.assertClean())
