import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import pino from 'pino'
import { type Assembly, assemble } from '../../src/assembly.ts'
import type { Config } from '../../src/config.ts'
import { ADMIN_SCOPES } from '../../src/credentials/admin-scopes.ts'
import { verifyApiKey } from '../../src/credentials/api-key.ts'
import { loadJournalKey } from '../../src/credentials/journal-key.ts'
import { hashSecret } from '../../src/credentials/secrets.ts'
import { audit } from '../../src/ledger/audit.ts'
import { fillSandbox, type SandboxFile } from '../../src/operations/fill-sandbox.ts'
import { placeOrder } from '../../src/operations/gift-cards/place-order.ts'
import { type Brand, findBrandByCode, listBrands } from '../../src/storage/brands.ts'
import { findCredential, findPartnerListing, listFloats, type Partner } from '../../src/storage/partners.ts'
import { listLevels } from '../../src/storage/stock-levels.ts'
import { createTestDatabase } from '../support/database.ts'

const URL = 'http://billfold.example'
let home: string
let assembly: Assembly
let drop: () => Promise<void>
let first: SandboxFile

before(async () => {
  const database = await createTestDatabase()
  home = await mkdtemp(join(tmpdir(), 'sandbox-cards-'))
  drop = database.drop
  const config: Config = {
    mode: 'sandbox',
    host: '127.0.0.1',
    port: 0,
    publicUrls: [URL],
    home,
    database: database.db.connection,
    logLevel: 'silent',
  }
  const log = pino({ level: 'silent' })
  assembly = await assemble(config, { keys: null }, database.db.connection, { log, requestLog: () => {} })
  first = await fill()
})
after(async () => {
  await assembly.close()
  await drop()
  await rm(home, { recursive: true, force: true })
})

const path = () => join(home, 'sandbox.json')

async function fill(): Promise<SandboxFile> {
  await fillSandbox(assembly, URL)
  return JSON.parse(await readFile(path(), 'utf8'))
}

const partner = async () => (await findPartnerListing(assembly.db, 'sandbox')) as Partner

async function buy(scheme: 'walleo' | 'tillo', code: string, face: bigint, requestId: string) {
  const brand = (await findBrandByCode(assembly.db, scheme, code)) as Brand
  return placeOrder(assembly.gift, {
    partner: await partner(),
    protocol: scheme,
    scope: scheme,
    requestId,
    operation: 'buy',
    content: `${code} ${face}`,
    brand,
    face,
    delivery: brand.delivery[0] ?? 'code',
    later: brand.asynchronous,
  })
}

describe('the sandbox', () => {
  test('has a partner with credentials of both protocols, and floats to spend', async () => {
    const { walleo, tillo } = first
    assert.match(walleo.shared_key, /^[0-9a-f]{64}$/)
    const found = await findCredential(assembly.db, 'walleo', hashSecret(walleo.api_key))
    assert.deepEqual([found?.identifier, found?.partner.live], [walleo.identifier, false])
    assert.ok(await findCredential(assembly.db, 'tillo', hashSecret(tillo.api_key)))
    const floats = await listFloats(assembly.db, (await partner()).id)
    assert.deepEqual(
      floats.map(({ currency, balance }) => [currency, balance]),
      [
        ['EUR', 100_000_000n],
        ['GBP', 100_000_000n],
        ['USD', 100_000_000n],
      ],
    )
  })

  test('sells every brand that the protocols’ own examples name', async () => {
    const codes = async (scheme: 'walleo' | 'tillo') => (await listBrands(assembly.db, scheme)).map(({ code }) => code)
    assert.deepEqual(await codes('walleo'), ['EMPTYFR', 'IKEAFR', 'TRIOFR'])
    const slugs =
      'amazon choiceplus-mock-uk fixed-async-uk fixed-async-us fixed-sync-uk fixed-sync-us loop-card-uk mock-brand open-async-eur open-loop-uk open-sync-eur sync-open-code-uk'
    assert.deepEqual(await codes('tillo'), slugs.split(' '))
    const ikea = await findBrandByCode(assembly.db, 'walleo', 'IKEAFR')
    assert.deepEqual(
      [ikea?.values, ikea?.supply, ikea?.cancellable, ikea?.asset.code],
      [{ type: 'range', min: 500n, max: 50_000n, step: 500n }, 'own', true, 'EUR'],
    )
    for (const { code, brand } of [
      ...(await listBrands(assembly.db, 'walleo')),
      ...(await listBrands(assembly.db, 'tillo')),
    ]) {
      const face = brand.values.type === 'fixed' ? (brand.values.values[0] as bigint) : brand.values.max
      const bought = await buy(brand.slug === code ? 'tillo' : 'walleo', code, face, `first-${code}`)
      assert.equal('refusal' in bought ? bought.refusal : 'sold', code === 'EMPTYFR' ? 'out-of-stock' : 'sold', code)
    }
  })

  test('says the same at the next fill, and its stock is full again', async () => {
    for (let i = 0; i < 5; i++) assert.ok(!('refusal' in (await buy('walleo', 'TRIOFR', 1500n, `more-${i}`))))
    const brand = (await findBrandByCode(assembly.db, 'walleo', 'TRIOFR')) as Brand
    const left = async () => (await listLevels(assembly.db, brand.id, new Date())).map(({ remaining }) => remaining)
    assert.deepEqual(await left(), [94n, 100n, 100n])
    assert.deepEqual(await fill(), first)
    assert.deepEqual(await left(), [100n, 100n, 100n])
  })

  test('is filled up where an older file knows of no gift cards, and nothing else in it changes', async () => {
    const { walleo, tillo, ...older } = first
    await writeFile(path(), JSON.stringify(older))
    await assembly.db.query(`update api_key set scopes = '{wallets:read}'`)
    const filled = await fill()
    const { walleo: newWalleo, tillo: newTillo, ...rest } = filled
    assert.deepEqual(rest, older)
    assert.notEqual(newWalleo.api_key, walleo.api_key)
    assert.ok(await findCredential(assembly.db, 'walleo', hashSecret(newWalleo.api_key)))
    assert.ok(await findCredential(assembly.db, 'tillo', hashSecret(newTillo.api_key)))
    // What nobody knows any more opens nothing.
    assert.equal(await findCredential(assembly.db, 'walleo', hashSecret(walleo.api_key)), undefined)
    assert.equal(await findCredential(assembly.db, 'tillo', hashSecret(tillo.api_key)), undefined)
    const { scopes } = await verifyApiKey(assembly, `Bearer ${filled.operator.api_key}`)
    assert.deepEqual([...scopes], [...ADMIN_SCOPES])
    first = filled
  })

  test('is filled although an operator has disabled its partner, who stays so', async () => {
    await assembly.db.query('update partner set disabled_at = now()')
    assert.deepEqual(await fill(), first)
    assert.equal(await findCredential(assembly.db, 'walleo', hashSecret(first.walleo.api_key)), undefined)
    await assembly.db.query('update partner set disabled_at = null')
    assert.ok(await findCredential(assembly.db, 'walleo', hashSecret(first.walleo.api_key)))
  })

  test('has clean books', async () => {
    const report = await audit(assembly.db, { journalKey: await loadJournalKey(assembly) })
    assert.deepEqual(report.findings, [])
  })
})
