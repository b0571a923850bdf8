import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { loadJournalKey } from '../../src/credentials/journal-key.ts'
import { createCommitter } from '../../src/ledger/committer.ts'
import { LEDGER_SETTINGS, openPostgresStore } from '../../src/ledger/postgres-store.ts'
import { declineInvoice, endInvoice } from '../../src/operations/decline-invoice.ts'
import {
  issueTransactionToken,
  showTransactionToken,
  type TokenDeps,
} from '../../src/operations/issue-transaction-token.ts'
import { findInvoiceOf, listInvoices } from '../../src/operations/list-invoices.ts'
import { findTransactionToken, listTransactionTokens } from '../../src/operations/list-transaction-tokens.ts'
import type { MoneyResult } from '../../src/operations/money.ts'
import { payInvoice } from '../../src/operations/pay-invoice.ts'
import { readTransactionToken, redeemTransactionToken } from '../../src/operations/redeem-transaction-token.ts'
import { prepareRefill } from '../../src/operations/refill-wallet.ts'
import { prepareRefund } from '../../src/operations/refund-payment.ts'
import { revokeTransactionToken } from '../../src/operations/revoke-transaction-token.ts'
import { sendPayment } from '../../src/operations/send-payment.ts'
import { setRefillPolicy } from '../../src/operations/set-refill-policy.ts'
import { openPipeline } from '../../src/storage/pipeline.ts'
import type { Wallet } from '../../src/storage/wallets.ts'
import { give, paymentTo } from '../protocols/webwallet/money.ts'
import { type SandboxServer, startSandboxServer } from '../support/server.ts'
import type { Caller } from '../support/wallet-client.ts'

// As the pages use them; and by two server processes at once, which no lock in memory can hold apart.

const CALLERS = 64

let server: SandboxServer
let deps: TokenDeps
let other: TokenDeps
let shop: Caller & { partyId: string }
let ann: string
let stall: Wallet
let purse: Wallet
let kid: Wallet
let key = 0

before(async () => {
  server = await startSandboxServer()
  const { db, keyring, ledger, directory, clock } = server.assembly
  deps = { db, ledger, directory, clock, ...server.tokens }
  const store = await openPostgresStore({
    connect: () => openPipeline({ connection: db.connection, settings: LEDGER_SETTINGS, deadline: 20_000 }),
    journalKey: await loadJournalKey({ db, keyring }),
  })
  other = { ...deps, ledger: createCommitter(store) }
  shop = await server.client(['stall:one:USD'])
  ann = await server.party('Ann')
  stall = (await directory.find('stall:one:USD')) as Wallet
  purse = await server.open(ann, { id: 'ann:one:USD' })
  kid = await server.open(ann, { id: 'ann:kid:USD', parent: 'ann:one:USD' })
  await give(server, 'ann:one:USD', 1_000)
  await give(server, 'stall:one:USD', 1_000)
})
after(async () => {
  await other.ledger.close()
  await server.stop()
})

const ask = (partyId = ann) => ({ actor: `person:${partyId}`, key: `key-${++key}`, partyId })
const invoice = async (amount: number): Promise<string> =>
  (
    await shop.done(
      '/ann:one:USD/invoices',
      paymentTo('ann:one:USD', amount, { endpoint: 'invoices', description: 'rent' }),
    )
  ).reference
const race = (work: (deps: TokenDeps, i: number) => Promise<MoneyResult>, count = CALLERS): Promise<MoneyResult[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => work(i % 2 ? other : deps, i)))
const codes = (results: MoneyResult[]) => {
  const counts: Record<string, number> = {}
  for (const result of results) {
    const name = result.accepted ? 'accepted' : result.code
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

describe('a person', () => {
  test('pays, once for a form that is sent twice', async () => {
    const input = { ...ask(), source: purse, target: stall, amount: 250n, description: 'lunch' }
    const results = await race((each) => sendPayment(each, input), 16)
    assert.equal(new Set(results.map((result) => JSON.stringify(result))).size, 1)
    assert.equal(await server.balance('ann:one:USD'), 99_750n)
    const altered = await sendPayment(deps, { ...input, amount: 251n })
    assert.deepEqual(altered, { accepted: false, code: 'idempotency-conflict' })
    const poor = await sendPayment(deps, { ...ask(), source: purse, target: stall, amount: 10n ** 9n })
    assert.deepEqual(poor, { accepted: false, code: 'unavailable-funds' })
  })

  test('sees its invoices, pays one and declines another; those of others are not there', async () => {
    const [first, second] = [await invoice(3), await invoice(4)]
    const open = await listInvoices(deps.db, { partyId: ann, role: 'debtor', status: 'open', limit: 10 })
    assert.deepEqual(
      open.map(({ reference }) => reference),
      [second, first],
    )
    assert.deepEqual(
      [open[1]?.amount, open[1]?.asset.code, open[1]?.issuer, open[1]?.description],
      [300n, 'USD', 'stall:one:USD', 'rent'],
    )
    const [page] = await listInvoices(deps.db, { partyId: ann, role: 'debtor', before: second, limit: 1 })
    assert.equal(page?.reference, first)
    await assert.rejects(payInvoice(deps, { ...ask(shop.partyId), reference: first }), { code: 'invoice-not-found' })
    await assert.rejects(declineInvoice(deps, { ...ask(shop.partyId), reference: first }), {
      code: 'invoice-not-found',
    })
    await assert.rejects(payInvoice(deps, { ...ask(), reference: 'x' }), { code: 'invoice-not-found' })
    const paid = await payInvoice(deps, { ...ask(), reference: first })
    const declining = { ...ask(), reference: second }
    const declined = await declineInvoice(deps, declining)
    assert.deepEqual([paid.accepted, declined.accepted], [true, true])
    assert.deepEqual(await declineInvoice(other, declining), declined)
    assert.deepEqual(await payInvoice(deps, { ...ask(), reference: second }), {
      accepted: false,
      code: 'invoice-settled',
    })
    const seen = await findInvoiceOf(deps.db, shop.partyId, first)
    assert.deepEqual([seen?.status, seen?.paidBy], ['paid', paid.accepted && paid.reference])
    assert.equal((await findInvoiceOf(deps.db, ann, second))?.status, 'declined')
    assert.equal(await findInvoiceOf(deps.db, await server.party('Nobody'), first), undefined)
  })

  test('hands a consent over, shows it again, and takes it back', async () => {
    const terms = { endpoint: 'charges' as const, source: purse, target: null, amount: 500n, description: 'taxi' }
    const { key: form, ...who } = ask()
    const input = { ...who, key: form, ...terms, expiresAt: Date.now() + 3_600_000 }
    const issued = await issueTransactionToken(deps, input)
    const again = await issueTransactionToken(other, input)
    assert.equal(again.id, issued.id)
    const read = await readTransactionToken(deps, again.token)
    assert.deepEqual([read.claims.aud, read.claims.amount, read.amount, read.status], ['*', 5, 500n, 'open'])
    assert.equal((await showTransactionToken(deps, { partyId: ann, id: issued.id }))?.id, issued.id)
    assert.equal(await showTransactionToken(deps, { partyId: shop.partyId, id: issued.id }), undefined)
    const [listed] = await listTransactionTokens(deps.db, ann)
    assert.deepEqual(
      [listed?.id, listed?.source, listed?.target, listed?.description],
      [issued.id, 'ann:one:USD', null, 'taxi'],
    )
    await assert.rejects(issueTransactionToken(deps, { ...input, ...ask(shop.partyId) }), { code: 'token-invalid' })
    await assert.rejects(issueTransactionToken(deps, { ...input, key: 'past', expiresAt: Date.now() - 5_000 }), {
      code: 'expiry-passed',
    })
    await assert.rejects(revokeTransactionToken(deps, { ...ask(shop.partyId), id: issued.id }), {
      code: 'token-invalid',
    })
    assert.equal((await revokeTransactionToken(deps, { ...ask(), id: issued.id })).accepted, true)
    assert.equal((await findTransactionToken(deps.db, ann, issued.id))?.status, 'revoked')
    const late = await redeemTransactionToken(deps, { ...ask(shop.partyId), token: issued.token, wallet: stall })
    assert.deepEqual(late, { accepted: false, code: 'token-used' })
  })

  test('redeems what was handed over with a wallet of its own, and no other', async () => {
    const issue = (audience: Wallet | null) =>
      issueTransactionToken(deps, {
        ...ask(),
        endpoint: 'charges',
        source: purse,
        target: null,
        audience,
        amount: 100n,
        expiresAt: Date.now() + 60_000,
      })
    const { token } = await issue(stall)
    await assert.rejects(redeemTransactionToken(deps, { ...ask(), token, wallet: stall }), {
      code: 'token-audience-differs',
    })
    await assert.rejects(redeemTransactionToken(deps, { ...ask(), token, wallet: purse }), {
      code: 'token-audience-differs',
    })
    await assert.rejects(redeemTransactionToken(deps, { ...ask(shop.partyId), token: `${token}x`, wallet: stall }), {
      code: 'token-invalid',
    })
    const before = await server.balance('stall:one:USD')
    const input = { ...ask(shop.partyId), token, wallet: stall }
    const done = await redeemTransactionToken(deps, input)
    assert.equal(done.accepted, true)
    assert.deepEqual(await redeemTransactionToken(other, input), done)
    assert.equal(await server.balance('stall:one:USD'), before + 100n)

    const request = await issueTransactionToken(deps, {
      ...ask(shop.partyId),
      endpoint: 'payments',
      source: null,
      target: stall,
      amount: 100n,
      expiresAt: Date.now() + 60_000,
    })
    const paid = await redeemTransactionToken(deps, { ...ask(), token: request.token, wallet: purse })
    assert.equal(paid.accepted, true)
    assert.equal(await server.balance('stall:one:USD'), before + 200n)
  })
})

describe('of many in two server processes', () => {
  test('one pays, declines or cancels an invoice', async () => {
    for (let round = 0; round < 3; round++) {
      const reference = await invoice(1)
      const before = await server.balance('ann:one:USD')
      const results = await race((each, i) => {
        if (i % 4 < 2) return payInvoice(each, { ...ask(), reference })
        if (i % 4 === 2) return declineInvoice(each, { ...ask(), reference })
        return endInvoice(each, { ...ask(shop.partyId), reference, how: 'cancelled' })
      })
      assert.deepEqual(codes(results), { accepted: 1, 'invoice-settled': CALLERS - 1 })
      const status = (await findInvoiceOf(deps.db, ann, reference))?.status
      assert.equal(await server.balance('ann:one:USD'), before - (status === 'paid' ? 100n : 0n))
    }
  })

  test('one uses a token, or its owner takes it back', async () => {
    const { token, id } = await issueTransactionToken(deps, {
      ...ask(),
      endpoint: 'charges',
      source: purse,
      target: stall,
      amount: 100n,
      expiresAt: Date.now() + 60_000,
    })
    const results = await race((each, i) =>
      i % 4 < 3
        ? redeemTransactionToken(each, { ...ask(shop.partyId), token, wallet: stall })
        : revokeTransactionToken(each, { ...ask(), id }),
    )
    assert.deepEqual(codes(results), { accepted: 1, 'token-used': CALLERS - 1 })
  })

  const submitted = async (
    each: TokenDeps,
    prepared: Promise<Awaited<ReturnType<typeof prepareRefund>>>,
  ): Promise<MoneyResult> => {
    // Past what is foreseen, so that the constraints have to decide.
    const { doomed: _, ...command } = await prepared
    const { outcome } = await each.ledger.submit({
      ...command,
      principal: 'test',
      answer: () => ({ status: 0, body: '{}' }),
    })
    assert.ok(outcome)
    return outcome.accepted
      ? { accepted: true, reference: outcome.transaction, at: outcome.at }
      : {
          accepted: false,
          code: outcome.refusal.code,
          ...(outcome.refusal.constraint && { constraint: outcome.refusal.constraint }),
        }
  }

  test('as many refund as the original has room for', async () => {
    const paid = await sendPayment(deps, { ...ask(), source: purse, target: stall, amount: 1_000n })
    const original = paid.accepted ? paid.reference : ''
    const before = await server.balance('ann:one:USD')
    const results = await race((each) =>
      submitted(each, prepareRefund(each, { original, target: purse, amount: 90n, reaches: () => true })),
    )
    assert.deepEqual(codes(results), { accepted: 11, 'effect-refused': CALLERS - 11 })
    assert.ok(results.every((result) => result.accepted || result.constraint === 'refund_within_original'))
    assert.equal(await server.balance('ann:one:USD'), before + 990n)
  })

  test('as many refill as the policy has room for', async () => {
    await setRefillPolicy(server.assembly, 'test', 'ann:kid:USD', {
      perRefill: 1,
      perPeriod: 10,
      periodSeconds: 86_400,
    })
    const results = await race((each) => submitted(each, prepareRefill(each, { target: kid, amount: 90n })))
    assert.deepEqual(codes(results), { accepted: 11, 'effect-refused': CALLERS - 11 })
    assert.ok(results.every((result) => result.accepted || result.constraint === 'refill_within_period'))
    assert.equal(await server.balance('ann:kid:USD'), 990n)
  })

  test('none goes on after the policy has ended, or the parent has changed', async () => {
    const refill = (each: TokenDeps) => submitted(each, prepareRefill(each, { target: kid, amount: 1n }))
    await setRefillPolicy(server.assembly, 'test', 'ann:kid:USD', {
      perRefill: 1,
      perPeriod: 100,
      periodSeconds: 86_400,
    })
    const prepared = prepareRefill(deps, { target: kid, amount: 1n })
    await prepared
    await server.change('ann:kid:USD', { parent: null })
    assert.deepEqual(await submitted(deps, prepared), {
      accepted: false,
      code: 'effect-refused',
      constraint: 'refill_from_parent',
    })
    assert.deepEqual(await refill(deps), { accepted: false, code: 'effect-refused', constraint: 'refill_from_parent' })
    await server.change('ann:kid:USD', { parent: 'ann:one:USD' })
    await setRefillPolicy(server.assembly, 'test', 'ann:kid:USD', null)
    assert.deepEqual(await refill(other), { accepted: false, code: 'effect-refused', constraint: 'refill_has_policy' })
  })
})

test('the books are clean after all of it', () => server.assertClean())
