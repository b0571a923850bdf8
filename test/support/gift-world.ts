import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createCardHasher } from '../../src/credentials/card-codes.ts'
import { createKeyring } from '../../src/credentials/keyring.ts'
import { uuidV7 } from '../../src/domain/uuid.ts'
import { audit } from '../../src/ledger/audit.ts'
import { createCommitter } from '../../src/ledger/committer.ts'
import { LEDGER_SETTINGS, openPostgresStore } from '../../src/ledger/postgres-store.ts'
import { createParty } from '../../src/operations/create-party.ts'
import { type CreateBrandInput, createBrand } from '../../src/operations/gift-cards/create-brand.ts'
import { createPartner, openFloat } from '../../src/operations/gift-cards/create-partner.ts'
import type { GiftDeps } from '../../src/operations/gift-cards/gift-deps.ts'
import { createGiftLookUps } from '../../src/operations/gift-cards/look-ups.ts'
import type { OrderWish } from '../../src/operations/gift-cards/place-order.ts'
import { createStockShelf } from '../../src/operations/gift-cards/stock-shelf.ts'
import { createVelocityRules } from '../../src/operations/gift-cards/velocity.ts'
import { openWallet } from '../../src/operations/open-wallet.ts'
import { submitForWallet } from '../../src/operations/submit-for-wallet.ts'
import type { Brand } from '../../src/storage/brands.ts'
import { openPipeline } from '../../src/storage/pipeline.ts'
import { createTestDatabase } from './database.ts'

const journalKey = Buffer.alloc(32, 3)

/** Gift cards on a database of their own, without a network: a partner with a float in EUR, and brands as a test wants them. */
export async function createGiftWorld({
  float = '1000.00',
  repeatsFollow,
}: {
  float?: string
  /** as of the look-ups; 0: repeats are never expected */
  repeatsFollow?: number
} = {}) {
  const { db, drop } = await createTestDatabase()
  const keyring = createKeyring([randomBytes(32)])
  const ledgers: { close(): Promise<void> }[] = []

  /** What one more server process would have: a ledger, a shelf and rules of its own. */
  async function openDeps(): Promise<GiftDeps> {
    const store = await openPostgresStore({
      connect: () => openPipeline({ connection: db.connection, settings: LEDGER_SETTINGS, deadline: 30_000 }),
      journalKey,
    })
    const ledger = createCommitter(store)
    ledgers.push(ledger)
    const clock = Date.now
    const cardHasher = createCardHasher(Buffer.alloc(32, 5))
    return {
      db,
      ledger,
      keyring,
      clock,
      cardHasher,
      shelf: createStockShelf(db, clock),
      velocity: createVelocityRules(db),
      lookUps: createGiftLookUps(db, repeatsFollow),
    }
  }

  const deps = await openDeps()
  const party = await createParty(deps, { kind: 'business', name: 'Cards and more' })
  const bank = await openWallet(deps, 'test', { id: 'bank:gateway:EUR', partyId: party.id, lower: null, upper: 0 })
  const partner = await createPartner(deps, { partyId: party.id, slug: 'acme' })
  const purse = await openFloat(deps, 'test', partner, { currency: 'EUR' })

  const world = {
    db,
    deps,
    openDeps,
    partner,
    party,
    float: purse,
    async fund(wallet: bigint, amount: bigint) {
      await submitForWallet(deps.ledger, {
        principal: 'test',
        transaction: uuidV7(Date.now()),
        kind: 'funds',
        legs: [{ type: 'transfer', source: bank.id, target: wallet, amount }],
        payload: '{}',
      })
    },
    async takeOut(wallet: bigint, amount: bigint) {
      await submitForWallet(deps.ledger, {
        principal: 'test',
        transaction: uuidV7(Date.now()),
        kind: 'funds',
        legs: [{ type: 'transfer', source: wallet, target: bank.id, amount }],
        payload: '{}',
      })
    },
    brand: (input: Partial<CreateBrandInput> & { slug: string }): Promise<Brand> =>
      createBrand(deps, 'test', {
        name: 'Meubles',
        partyId: party.id,
        currency: 'EUR',
        values: { type: 'range', min: 500n, max: 50_000n, step: 500n },
        supply: 'own',
        ...input,
      }),
    /** Puts codes on the shelf of a stock brand. */
    async stock(brand: Brand, face: bigint, codes: string[], expiresOn: string | null = null) {
      for (const code of codes) {
        const hash = deps.cardHasher.ofBrand(brand.id, code)
        const sealed = keyring.seal(JSON.stringify({ code, pin: null }), `stock:${hash.toString('hex')}`)
        await db.query(
          `insert into stock_code (brand_id, face, expires_on, import_id, code_hash, code) values ($1, $2, $3, $4, $5, $6)`,
          [brand.id, face, expiresOn, uuidV7(Date.now()), hash, sealed],
        )
      }
    },
    wish: (brand: Brand, face: bigint, requestId: string, more: Partial<OrderWish> = {}): OrderWish => ({
      partner,
      protocol: 'tillo',
      scope: 'tillo',
      requestId,
      operation: 'digital-issue',
      content: `${brand.slug} ${face}`,
      brand,
      face,
      delivery: 'code',
      later: false,
      ...more,
    }),
    async balance(account: bigint): Promise<{ balance: bigint; held: bigint }> {
      const [row] = await db.query<{ balance: bigint; held: bigint }>(
        'select balance, held from account where id = $1',
        [account],
      )
      assert.ok(row)
      return row
    },
    async assertClean() {
      const report = await audit(db, { journalKey })
      assert.deepEqual(report.findings, [])
    },
    async stop() {
      for (const ledger of ledgers) await ledger.close()
      await drop()
    },
  }
  await world.fund(purse.id, BigInt(Math.round(Number(float) * 100)))
  return world
}

export type GiftWorld = Awaited<ReturnType<typeof createGiftWorld>>
