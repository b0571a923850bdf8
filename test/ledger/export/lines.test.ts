import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { uuidV7 } from '../../../src/domain/uuid.ts'
import { type ExportFormat, exportLedger } from '../../../src/ledger/export.ts'
import { command, createTestLedger, openAccounts, openUsdWallet, submit, transfer } from '../../support/ledger.ts'

describe('every line of an export', async () => {
  const { db, ledger, usd, close } = await createTestLedger()
  after(close)
  const exported = async (format: ExportFormat) => {
    const pieces: string[] = []
    await exportLedger(db, { format }, (piece) => void pieces.push(piece))
    return pieces.join('')
  }
  // In the order of their ids, which within one millisecond is chance.
  const [paid, held, captured, frozen] = Array.from({ length: 4 }, (_, i) => uuidV7(Date.now() + i)) as [
    string,
    string,
    string,
    string,
  ]
  const hold = { hold: uuidV7(Date.now()), source: 2n, target: 3n }
  const atOf = async (id: string) =>
    (await db.query<{ at: Date }>('select at from transaction where id = $1', [id]))[0]?.at.toISOString() as string

  test('says all of its transaction or entry, in every format', async () => {
    await openAccounts(ledger, usd.id, [
      [1n, null, null],
      [2n, 0n, 100_000n],
    ])
    await openUsdWallet(db, ledger, usd.id, 3n, 'a b;1')
    const payload = '{"description":"; rent\\u2028* May",\n "n":1.10}'
    await submit(
      ledger,
      command([transfer(1n, 2n, 1234n)], { transaction: paid, principal: 'client:a, b;c', payload, id: 'k' }),
    )
    await submit(
      ledger,
      command([{ type: 'hold', ...hold, amount: 500n, expiresAt: Date.UTC(2100, 0) }], {
        transaction: held,
        kind: 'hold',
        payload: '{"description":7}',
      }),
    )
    await submit(
      ledger,
      command([{ type: 'capture', ...hold, amount: 250n }], { transaction: captured, kind: 'capture', payload: 'x"y' }),
    )
    await submit(
      ledger,
      command([{ type: 'change-account', account: 3n, lower: -1n, upper: 500n, status: 'frozen' }], {
        transaction: frozen,
        kind: 'change',
      }),
    )
    const rows = await db.query<{ id: string; digest: string; seq: bigint; stream: number }>(
      `select id, replace(digest::text, '-', '') as digest, seq, stream from transaction`,
    )
    const common = (id: string) => {
      const row = rows.find((one) => one.id === id)
      return { journal: { stream: row?.stream, seq: String(row?.seq) }, digest: row?.digest }
    }
    const money = { currency: 'USD', circle: 'public' }
    const none = { transfers: [], holds_opened: [], holds_ended: [], accounts: [] }

    const lines = (await exported('jsonl')).split('\n')
    assert.equal(lines.pop(), '')
    const lineOf = (id: string) => lines.find((one) => one.startsWith(`{"reference":"${id}"`)) as string
    // As it was given, number and all, but on one line.
    assert.ok(lineOf(paid).includes('"payload":{"description":"; rent\\u2028* May",  "n":1.10},'))
    assert.deepEqual(JSON.parse(lineOf(paid)), {
      reference: paid,
      at: await atOf(paid),
      kind: 'payment',
      principal: 'client:a, b;c',
      payload: { description: '; rent\u2028* May', n: 1.1 },
      ...none,
      transfers: [{ source: '1', source_wallet: null, target: '2', target_wallet: null, amount: '12.34', ...money }],
      ...common(paid),
    })
    assert.deepEqual(JSON.parse(lineOf(held)), {
      reference: held,
      at: await atOf(held),
      kind: 'hold',
      principal: 'client:test',
      payload: { description: 7 },
      ...none,
      holds_opened: [
        { id: hold.hold, source: '2', target: '3', amount: '5.00', ...money, expires_at: '2100-01-01T00:00:00.000Z' },
      ],
      ...common(held),
    })
    assert.deepEqual(JSON.parse(lineOf(captured)), {
      reference: captured,
      at: await atOf(captured),
      kind: 'capture',
      principal: 'client:test',
      // What is no JSON is a text.
      payload: 'x"y',
      ...none,
      transfers: [
        { source: '2', source_wallet: null, target: '3', target_wallet: 'us:a b;1:USD', amount: '2.50', ...money },
      ],
      holds_ended: [{ id: hold.hold, status: 'captured', captured: '2.50' }],
      ...common(captured),
    })
    assert.deepEqual(JSON.parse(lineOf(frozen)).accounts, [
      { account: '3', version: 2, lower: '-0.01', upper: '5.00', status: 'frozen', ...money },
    ])

    assert.deepEqual((await exported('csv')).split('\r\n'), [
      'account,wallet,number,at,amount,balance,currency,circle,reference,leg,kind,principal,counterparty,counterparty_wallet,description',
      `1,,1,${await atOf(paid)},-12.34,-12.34,USD,public,${paid},0,payment,"client:a, b;c",2,,; rent\u2028* May`,
      `2,,1,${await atOf(paid)},12.34,12.34,USD,public,${paid},0,payment,"client:a, b;c",1,,; rent\u2028* May`,
      `2,,2,${await atOf(captured)},-2.50,9.84,USD,public,${captured},0,capture,client:test,3,us:a b;1:USD,`,
      `3,us:a b;1:USD,1,${await atOf(captured)},2.50,2.50,USD,public,${captured},0,capture,client:test,2,,`,
      '',
    ])

    const [day, later, last] = [await atOf(paid), await atOf(captured), await atOf(frozen)]
    assert.equal(
      await exported('hledger'),
      `; Billfold: the ledger
decimal-mark .

commodity 1000.00 "USD.public"

account accounts:1
account accounts:2
account wallets:us:a%20b%3B1:USD

${day.slice(0, 10)} (${paid}) payment rent * May
    ; at:${day}, principal:client:a  b c
    accounts:1  -12.34 "USD.public"
    accounts:2  12.34 "USD.public"

${later.slice(0, 10)} (${captured}) capture
    ; at:${later}, principal:client:test
    accounts:2  -2.50 "USD.public"
    wallets:us:a%20b%3B1:USD  2.50 "USD.public"

${last.slice(0, 10)} balance
    accounts:1  0.00 "USD.public" = -12.34 "USD.public"

${last.slice(0, 10)} balance
    accounts:2  0.00 "USD.public" = 9.84 "USD.public"

${last.slice(0, 10)} balance
    wallets:us:a%20b%3B1:USD  0.00 "USD.public" = 2.50 "USD.public"
`,
    )
  })

  test('of a ledger with an asset that is gone is refused by name', async () => {
    await db.query('alter table asset disable trigger all')
    await db.query('delete from asset')
    for (const format of ['jsonl', 'csv', 'hledger'] as const)
      await assert.rejects(exported(format), { message: `there is no asset ${usd.id}: run an audit` })
  })
})
