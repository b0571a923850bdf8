import fc from 'fast-check'

/** A step of a random life of four wallets; wallets, invoices and movements are named by number. */
export type Step =
  | { type: 'pay' | 'charge'; source: number; target: number; amount: number; invoice: number | null }
  | { type: 'invoice'; debtor: number; issuer: number; amount: number }
  | { type: 'decline' | 'cancel'; invoice: number }
  | { type: 'refund'; original: number; target: number; amount: number }
  | { type: 'refill'; target: number; amount: number }

const wallet = fc.nat({ max: 3 })
const amount = fc.integer({ min: 1, max: 60 })
const some = fc.nat({ max: 20 })

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constantFrom('pay' as const, 'charge' as const),
      source: wallet,
      target: wallet,
      amount,
      invoice: fc.constant(null),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constantFrom('pay' as const, 'charge' as const),
      source: wallet,
      target: wallet,
      amount,
      invoice: some,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('invoice' as const), debtor: wallet, issuer: wallet, amount }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('decline' as const, 'cancel' as const), invoice: some }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('refund' as const), original: some, target: wallet, amount }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('refill' as const),
      target: wallet,
      amount: fc.integer({ min: 1, max: 24 }),
    }),
  },
)

export const lives: fc.Arbitrary<Step[]> = fc.array(step, { minLength: 20, maxLength: 60, size: 'max' })

type Invoice = { issuer: number; debtor: number; amount: number; open: boolean }
type Original = { kind: string; source: number; target: number; amount: number; refunded: number }

/** What the wallets start with; wallet 3 is the child of wallet 0 and may draw 20 at once, 50 in all. */
export const START = {
  balances: [300, 100, 0, 0],
  upper: [null, null, 150, null],
  child: 3,
  parent: 0,
  perRefill: 20,
  perPeriod: 50,
}

/** The plain truth: maps and numbers, one step at a time. */
export function createMoneyModel() {
  const balances = [...START.balances]
  const invoices: Invoice[] = []
  const originals: Original[] = []
  let drawn = 0

  /** The step with what it is about filled in, so that it often fits; undefined when there is nothing to name yet. */
  function resolve(step: Step): Step | undefined {
    if (step.type === 'pay' || step.type === 'charge') {
      const invoice = step.invoice === null ? undefined : invoices[step.invoice % Math.max(invoices.length, 1)]
      if (step.invoice === null || !invoice) return { ...step, invoice: null }
      const number = step.invoice % invoices.length
      // A small amount keeps its own way of being wrong.
      if (step.amount < 6) return { ...step, invoice: number }
      const more = step.amount % 8 === 0 ? 1 : 0
      return { ...step, invoice: number, source: invoice.debtor, target: invoice.issuer, amount: invoice.amount + more }
    }
    if (step.type === 'decline' || step.type === 'cancel')
      return invoices.length === 0 ? undefined : { ...step, invoice: step.invoice % invoices.length }
    if (step.type === 'refund') {
      const number = step.original % Math.max(originals.length, 1)
      const original = originals[number]
      if (!original) return undefined
      return { ...step, original: number, target: step.amount < 6 ? step.target : original.source }
    }
    if (step.type === 'refill') return step.amount % 4 === 0 ? step : { ...step, target: START.child }
    return step
  }

  function move(source: number, target: number, sum: number): string {
    if (source === target) return 'same-wallet'
    if ((balances[source] as number) < sum) return 'unavailable-funds'
    const upper = START.upper[target] as number | null
    if (upper !== null && (balances[target] as number) + sum > upper) return 'unreceivable-funds'
    balances[source] = (balances[source] as number) - sum
    balances[target] = (balances[target] as number) + sum
    return 'done'
  }

  /** @param step as `resolve` gave it. @returns `done`, or the code of the refusal */
  function apply(step: Step): string {
    switch (step.type) {
      case 'pay':
      case 'charge': {
        const invoice = step.invoice === null ? null : (invoices[step.invoice] as Invoice)
        if (invoice) {
          if (invoice.debtor !== step.source) return 'invoice-payer-differs'
          if (invoice.issuer !== step.target) return 'invoice-payee-differs'
          if (invoice.amount !== step.amount) return 'invoice-amount-differs'
          if (!invoice.open) return 'invoice-settled'
        }
        const outcome = move(step.source, step.target, step.amount)
        if (outcome !== 'done') return outcome
        if (invoice) invoice.open = false
        originals.push({ kind: step.type, source: step.source, target: step.target, amount: step.amount, refunded: 0 })
        return 'done'
      }
      case 'invoice':
        if (step.debtor === step.issuer) return 'same-wallet'
        invoices.push({ issuer: step.issuer, debtor: step.debtor, amount: step.amount, open: true })
        return 'done'
      case 'decline':
      case 'cancel': {
        const invoice = invoices[step.invoice] as Invoice
        if (!invoice.open) return 'invoice-settled'
        invoice.open = false
        return 'done'
      }
      case 'refund': {
        const original = originals[step.original] as Original
        if (original.kind !== 'pay' && original.kind !== 'charge') return 'not-refundable'
        if (original.source !== step.target) return 'refund-target-differs'
        if (original.refunded + step.amount > original.amount) return 'refund-exceeds-original'
        const outcome = move(original.target, original.source, step.amount)
        if (outcome !== 'done') return outcome
        original.refunded += step.amount
        originals.push({
          kind: 'refund',
          source: original.target,
          target: original.source,
          amount: step.amount,
          refunded: 0,
        })
        return 'done'
      }
      case 'refill': {
        if (step.target !== START.child) return 'parent-missing'
        if (step.amount > START.perRefill) return 'refill-cap-exceeded'
        if (drawn + step.amount > START.perPeriod) return 'refill-cap-reached'
        const outcome = move(START.parent, step.target, step.amount)
        if (outcome !== 'done') return outcome
        drawn += step.amount
        originals.push({ kind: 'refill', source: START.parent, target: step.target, amount: step.amount, refunded: 0 })
        return 'done'
      }
    }
  }

  return { balances, invoices, originals, resolve, apply }
}
