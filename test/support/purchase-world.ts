import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { createKeyring } from '../../src/credentials/keyring.ts'
import { uuidV7 } from '../../src/domain/uuid.ts'
import { audit } from '../../src/ledger/audit.ts'
import { createCommitter } from '../../src/ledger/committer.ts'
import { LEDGER_SETTINGS, openPostgresStore } from '../../src/ledger/postgres-store.ts'
import { createParty } from '../../src/operations/create-party.ts'
import { type OpenWalletInput, openWallet } from '../../src/operations/open-wallet.ts'
import { type AcceptResult, acceptPurchase } from '../../src/operations/purchases/accept-purchase.ts'
import { collectInstalments } from '../../src/operations/purchases/collect-instalment.ts'
import { type CreateMerchantInput, createMerchant } from '../../src/operations/purchases/create-merchant.ts'
import { createPurchase, type PurchaseWish } from '../../src/operations/purchases/create-purchase.ts'
import type { PurchaseDeps } from '../../src/operations/purchases/purchase-deps.ts'
import { submitForWallet } from '../../src/operations/submit-for-wallet.ts'
import { addAhead } from '../../src/storage/due-clock.ts'
import type { Merchant } from '../../src/storage/merchants.ts'
import { openPipeline } from '../../src/storage/pipeline.ts'
import { findPurchase, type Purchase } from '../../src/storage/purchases.ts'
import type { Wallet } from '../../src/storage/wallets.ts'
import { createTestDatabase } from './database.ts'

const journalKey = Buffer.alloc(32, 3)
const DAY = 86_400_000

export const PLANS: CreateMerchantInput['plans'] = [
  { name: 'now', kind: 'now' },
  { name: 'deferred', kind: 'deferred', days: 30 },
  { name: '3x', kind: 'instalments', parts: 3 },
  { name: '3x-fee', kind: 'instalments', parts: 3, feeBp: 100 },
]

/** Purchases on a database of their own, without a network: a merchant with every kind of plan, a person, a clock to put ahead. */
export async function createPurchaseWorld() {
  const { db, drop } = await createTestDatabase()
  const keyring = createKeyring([randomBytes(32)])
  const ledgers: { close(): Promise<void> }[] = []

  /** What one more server process would have. */
  async function openDeps(): Promise<PurchaseDeps> {
    const store = await openPostgresStore({
      connect: () => openPipeline({ connection: db.connection, settings: LEDGER_SETTINGS, deadline: 30_000 }),
      journalKey,
    })
    const ledger = createCommitter(store)
    ledgers.push(ledger)
    return { db, ledger, keyring, clock: Date.now, sandbox: true }
  }

  const deps = await openDeps()
  const business = await createParty(deps, { kind: 'business', name: 'Corner Café' })
  const lender = await createParty(deps, { kind: 'business', name: 'Lender' })
  const person = await createParty(deps, { kind: 'person', name: 'Ada' })
  const open = (partyId: string, id: string, limits: Partial<OpenWalletInput> = {}): Promise<Wallet> =>
    openWallet(deps, 'test', { id, partyId, ...limits })
  const bank = await open(lender.id, 'bank:gateway:EUR', { lower: null, upper: 0 })
  const financing = await open(lender.id, 'financing:pledg:EUR', { lower: null })
  const fees = await open(lender.id, 'lender:fees:EUR')
  const shop = await open(business.id, 'shop:corner:EUR')
  let wallets = 0
  let references = 0

  async function fund(wallet: Wallet, amount: bigint) {
    await submitForWallet(deps.ledger, {
      principal: 'test',
      transaction: uuidV7(Date.now()),
      kind: 'funds',
      legs: [{ type: 'transfer', source: bank.id, target: wallet.id, amount }],
      payload: '{}',
    })
  }

  const makeMerchant = async (input: Partial<CreateMerchantInput> = {}): Promise<Merchant> => {
    const common = { partyId: business.id, name: 'Corner Café', wallet: shop.explicitId }
    const books = { financing: financing.explicitId, fees: fees.explicitId }
    const urls = {
      paymentNotificationUrl: 'http://127.0.0.1:1/payment',
      errorNotificationUrl: 'http://127.0.0.1:1/error',
    }
    return (await createMerchant(deps, { ...common, ...books, ...urls, plans: PLANS, ...input })).merchant
  }
  const merchant = await makeMerchant()

  const world = {
    db,
    deps,
    openDeps,
    business,
    lender,
    person,
    merchant,
    makeMerchant,
    bank,
    financing,
    fees,
    shop,
    fund,
    open,
    /** A wallet with so much in it, of a new person unless another party is named. */
    async wallet(amount: bigint, partyId?: string): Promise<Wallet> {
      const owner = partyId ?? (await createParty(deps, { kind: 'person', name: 'Ada' })).id
      const wallet = await open(owner, `be:4123${String(++wallets).padStart(5, '0')}:EUR`)
      if (amount > 0n) await fund(wallet, amount)
      return wallet
    },
    async purchase(amount: bigint, wish: Partial<PurchaseWish> = {}, of: Merchant = merchant): Promise<Purchase> {
      const made = await createPurchase(deps, {
        merchant: of,
        via: 'link',
        wish: { reference: `ref-${++references}`, amount, title: 'Coffee for a year', details: {}, ...wish },
      })
      assert.ok('purchase' in made, 'refusal' in made ? made.refusal : '')
      return made.purchase
    },
    accept: (purchase: Purchase, wallet: Wallet, plan: string, of: Merchant = merchant, key: string = randomUUID()) =>
      acceptPurchase(deps, { purchase, merchant: of, partyId: wallet.partyId, wallet, plan, key }),
    /** Accepts one that is made for it. */
    async accepted(amount: bigint, wallet: Wallet, plan: string, of: Merchant = merchant): Promise<Purchase> {
      const purchase = await world.purchase(amount, {}, of)
      const result: AcceptResult = await world.accept(purchase, wallet, plan, of)
      assert.ok(result.accepted, 'refusal' in result ? result.refusal : '')
      return world.again(purchase)
    },
    again: async (purchase: Purchase): Promise<Purchase> => (await findPurchase(db, { id: purchase.id })) as Purchase,
    advance: (days: number) => addAhead(db, days * DAY),
    collect: (by: PurchaseDeps = deps) =>
      collectInstalments({
        ...by,
        log: {
          error(fields) {
            throw (fields as { err: unknown }).err
          },
        },
      }),
    async balance(wallet: Wallet): Promise<bigint> {
      const [row] = await db.query<{ balance: bigint }>('select balance from account where id = $1', [wallet.id])
      return (row as { balance: bigint }).balance
    },
    async held(wallet: Wallet): Promise<bigint> {
      const [row] = await db.query<{ held: bigint }>('select held from account where id = $1', [wallet.id])
      return (row as { held: bigint }).held
    },
    /** Notifications that were queued for a purchase, in their order. */
    async notices(purchase: Purchase): Promise<{ topic: string; body: Record<string, unknown> }[]> {
      const rows = await db.query<{ topic: string; body: string }>(
        'select topic, body from delivery where object = $1 order by sequence',
        [`purchase:${purchase.id}`],
      )
      return rows.map(({ topic, body }) => ({ topic, body: JSON.parse(body) }))
    },
    async findings() {
      return (await audit(db, { journalKey })).findings
    },
    async assertClean() {
      assert.deepEqual(await world.findings(), [])
    },
    async stop() {
      for (const ledger of ledgers) await ledger.close()
      await drop()
    },
  }
  return world
}

export type PurchaseWorld = Awaited<ReturnType<typeof createPurchaseWorld>>
