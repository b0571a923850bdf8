import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { setRefillPolicy } from '../../../src/operations/set-refill-policy.ts'
import { createMoneyModel, lives, START, type Step } from '../../support/money-model.ts'
import { type SandboxServer, startSandboxServer } from '../../support/server.ts'
import { type Caller, opened } from '../../support/wallet-client.ts'
import { give, granted } from './money.ts'

let server: SandboxServer
let client: Caller & { partyId: string }
let lifeNumber = 0

before(async () => {
  server = await startSandboxServer()
  client = await server.client([])
})
after(() => server.stop())

test('any life of payments, charges, invoices, refunds and refills is as a plain map has it', {
  timeout: 120_000,
}, async () => {
  const met = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(lives, async (steps) => {
      const { caller, ids } = await begin()
      const model = createMoneyModel()
      const invoices: string[] = []
      const originals: string[] = []
      for (const wanted of steps) {
        const step = model.resolve(wanted)
        if (!step) continue
        // To oneself a payment is another form, and a route is not the test here.
        if (step.type === 'pay' && step.source === step.target) continue
        const expected = model.apply(step)
        const answer = await caller.post(...requestOf(step, ids, invoices, originals, model))
        const payload = opened(answer, caller.signingSecret)
        assert.equal(answer.status === 200 ? 'done' : payload.error.code, expected, JSON.stringify(step))
        met.set(expected, (met.get(expected) ?? 0) + 1)
        if (expected === 'done') {
          if (step.type === 'invoice') invoices.push(payload.reference)
          else if (step.type !== 'decline' && step.type !== 'cancel') originals.push(payload.reference)
        }
      }
      const balances = await Promise.all(ids.map((id) => server.balance(id)))
      assert.deepEqual(balances.map(Number), model.balances)
      for (const [i, reference] of invoices.entries()) {
        const { invoice } = opened(
          await caller.get(`/${ids[model.invoices[i]?.debtor as number]}/invoices/${reference}`),
          caller.signingSecret,
        )
        assert.equal(invoice.status === 'open', model.invoices[i]?.open)
      }
    }),
    { numRuns: 40 },
  )
  for (const code of [
    'done',
    'invoice-settled',
    'invoice-amount-differs',
    'refund-exceeds-original',
    'refill-cap-reached',
    'unavailable-funds',
    'not-refundable',
  ])
    assert.ok(met.has(code), `${code} never came up: ${JSON.stringify([...met])}`)
  await server.assertClean()
})

/** Four wallets of their own for one life. Amounts are in cents. */
async function begin(): Promise<{ caller: Caller; ids: string[] }> {
  const number = `life-${lifeNumber++}`
  const ids = START.balances.map((_, i) => `us:${number}-${i}:USD`)
  for (const [i, id] of ids.entries()) {
    const upper = START.upper[i] as number | null
    await server.open(client.partyId, {
      id,
      ...(upper === null ? {} : { upper: cents(upper) }),
      ...(i === START.child ? { parent: ids[START.parent] as string } : {}),
    })
    const balance = START.balances[i] as number
    if (balance > 0) await give(server, id, cents(balance))
  }
  const { perRefill, perPeriod } = START
  const policy = { perRefill: cents(perRefill), perPeriod: cents(perPeriod), periodSeconds: 366 * 86_400 }
  await setRefillPolicy(server.assembly, 'test', ids[START.child] as string, policy)
  return { caller: await granted(server, client, client.partyId, ids), ids }
}

const cents = (amount: number) => (amount / 100).toFixed(2)

function requestOf(
  step: Step,
  ids: string[],
  invoices: string[],
  originals: string[],
  model: ReturnType<typeof createMoneyModel>,
): [path: string, payload: object] {
  const id = (n: number) => ids[n] as string
  const sum = (amount: number) => ({ amount: cents(amount), currency: 'USD' })
  switch (step.type) {
    case 'pay':
    case 'charge': {
      const remarks = step.invoice === null ? {} : { metadata: { invoice: invoices[step.invoice] } }
      const common = { target: id(step.target), ...sum(step.amount), ...remarks }
      return step.type === 'pay'
        ? [`/${id(step.source)}/payments`, { endpoint: 'payments', ...common }]
        : [`/${id(step.source)}/charges`, { endpoint: 'charges', source: id(step.source), ...common }]
    }
    case 'invoice':
      return [
        `/${id(step.debtor)}/invoices`,
        { endpoint: 'invoices', target: id(step.debtor), issuer: id(step.issuer), ...sum(step.amount) },
      ]
    case 'decline':
    case 'cancel': {
      const reference = invoices[step.invoice] as string
      const sides = model.invoices[step.invoice]
      const wallet = id((step.type === 'decline' ? sides?.debtor : sides?.issuer) as number)
      return [
        `/${wallet}/invoices/${reference}/${step.type}`,
        { endpoint: `invoices/${step.type}`, invoice: reference },
      ]
    }
    case 'refund':
      return [
        `/${id(step.target)}/refunds`,
        { endpoint: 'refunds', target: id(step.target), transaction: originals[step.original], ...sum(step.amount) },
      ]
    case 'refill':
      return [`/${id(step.target)}/refills`, { endpoint: 'refills', target: id(step.target), ...sum(step.amount) }]
  }
}
