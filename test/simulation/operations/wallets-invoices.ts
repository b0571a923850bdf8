import { prepareInvoice } from '../../../src/operations/create-invoice.ts'
import { endInvoice } from '../../../src/operations/decline-invoice.ts'
import { submitPrepared } from '../../../src/operations/money.ts'
import { payInvoice } from '../../../src/operations/pay-invoice.ts'
import { prepareMovement } from '../../../src/operations/send-payment.ts'
import type { Wallet } from '../../../src/storage/wallets.ts'
import { decided, hasCome, underKey } from './books.ts'
import type { During, Next } from './search.ts'
import { moneyAnswer, type WalletAction, type WalletScene } from './wallets-scene.ts'
import type { Invoice, Moment, WalletState } from './wallets-state.ts'

type Choose = (state: WalletState) => WalletAction

const paymentOf = (key: string, invoice: string) => `payment ${key} of ${invoice}`

/** Asks, pays, declines, takes back. */
export function invoiceActions(scene: WalletScene): Choose[] {
  const { wallets, pick, stage } = scene
  const wallet = (name: string) => wallets[name] as Wallet
  const actor = scene.actor('client')

  const ask: Choose = () => {
    const [issuer, debtor] = pick([
      ['shop', 'ann'],
      ['shop', 'bob'],
      ['bob', 'shop'],
    ] as const)
    const amount = pick([1, 50, 120, 300])
    const key = scene.key()
    const soon = pick([null, null, null, 15, 60])
    const content = `invoice ${issuer} ${debtor} ${amount}`
    const name = `${key}-${content}`
    // Fixed when it is asked for first, as a caller does: a repeat says the same.
    let expires: Moment | null = null
    return {
      text: `${content}${soon === null ? '' : ` that expires in ${soon} ms`} (${key})`,
      run: (deps) =>
        moneyAnswer(
          async () => {
            if (soon !== null) expires ??= { least: Date.now() + soon, most: Date.now() + soon }
            const expiresAt = expires === null ? null : new Date(expires.most)
            const input = { issuer: wallet(issuer), debtor: wallet(debtor), amount: BigInt(amount), expiresAt }
            const prepared = prepareInvoice(deps, { ...input, remarks: {} })
            return submitPrepared(deps, { actor, key }, prepared, { issuer, debtor, amount: String(amount) })
          },
          (reference) => scene.remember(name, reference),
        ),
      model: (before, during) =>
        underKey(before, { key, content }, () => {
          const over = hasCome(expires, during)
          // The server's own clock may be ahead: what is over by it for more than a minute is not tried.
          const ahead = expires !== null && stage.clock() > expires.least
          const made = { issuer, debtor, amount, expires, status: 'open' as const }
          return [
            ...(over === true
              ? []
              : decided(before, [], [], (after) => ({ ...after, invoices: { ...after.invoices, [name]: made } }))),
            ...(over === false && !ahead ? [] : decided(before, [], ['expiry-passed'], (after) => after)),
          ]
        }),
    }
  }

  /** What ending an invoice comes to, at a moment when it may have expired. */
  const ending = (
    before: WalletState,
    name: string,
    invoice: Invoice,
    during: During,
    input: { key: string; content: string; status: Invoice['status']; pays: boolean },
  ): Next<WalletState>[] => {
    const { issuer, debtor, amount, status } = invoice
    const moves = input.pays ? [{ source: debtor, target: issuer, amount }] : []
    const over = hasCome(invoice.expires, during)
    // The server's own clock may be ahead: what is over by it for more than a minute is not tried.
    const ahead = invoice.expires !== null && stage.clock() > invoice.expires.least
    const write = (rules: string[]) =>
      decided(before, moves, rules, (after) => ({
        ...after,
        invoices: { ...after.invoices, [name]: { ...invoice, status: input.status } },
        // What paid it is a payment, which can be refunded.
        ...(input.pays && {
          paid: {
            ...after.paid,
            [paymentOf(input.key, name)]: { source: debtor, target: issuer, amount, refunded: 0 },
          },
        }),
      }))
    return underKey(before, input, () => {
      const settled = status === 'open' ? [] : ['invoice-settled']
      return [
        ...(over === true ? [] : write(settled)),
        ...(over === false && !ahead ? [] : write([...settled, 'invoice-expired'])),
      ]
    })
  }

  const pay: Choose = (state) => {
    const open = Object.keys(state.invoices)
    if (open.length === 0) return ask(state)
    const name = pick(open)
    const { issuer, debtor, amount } = state.invoices[name] as Invoice
    const key = scene.key()
    const wrong = pick([0, 0, 0, 0, 1])
    const person = wrong === 0 && pick([true, false])
    const input = { key, content: `pays ${name} ${person}`, status: 'paid' as const, pays: true }
    return {
      text: `payment of ${name}${wrong ? ', one too much' : ''} (${key})`,
      run: (deps) =>
        moneyAnswer(
          async () => {
            const reference = scene.reference(name)
            const source = wallet(debtor)
            if (person) return payInvoice(deps, { actor, key, reference, partyId: source.partyId })
            const movement = { kind: 'payments', source, target: wallet(issuer), amount: BigInt(amount + wrong) }
            const prepared = await prepareMovement(deps, { ...movement, remarks: { metadata: { invoice: reference } } })
            return submitPrepared(deps, { actor, key }, prepared, { pays: name })
          },
          (reference) => scene.remember(paymentOf(key, name), reference),
        ),
      model(before, during) {
        const invoice = before.invoices[name]
        if (!invoice) return [{ state: before, answer: 'no invoice-not-found' }]
        if (wrong) return [{ state: before, answer: 'no invoice-amount-differs' }]
        return ending(before, name, invoice, during, input)
      },
    }
  }

  const end: Choose = (state) => {
    const open = Object.keys(state.invoices)
    if (open.length === 0) return ask(state)
    const name = pick(open)
    const how = pick(['declined', 'cancelled'] as const)
    const { issuer, debtor } = state.invoices[name] as Invoice
    const key = scene.key()
    const { partyId } = wallet(how === 'declined' ? debtor : issuer)
    const input = { key, content: `${how} ${name}`, status: how, pays: false }
    return {
      text: `${name} is ${how} (${key})`,
      run: (deps) =>
        moneyAnswer(
          () => endInvoice(deps, { actor, key, reference: scene.reference(name), partyId, how }),
          (reference) => scene.remember(`end ${key} ${name}`, reference),
        ),
      model(before, during) {
        const invoice = before.invoices[name]
        return invoice
          ? ending(before, name, invoice, during, input)
          : [{ state: before, answer: 'no invoice-not-found' }]
      },
    }
  }

  return [ask, pay, pay, end]
}
