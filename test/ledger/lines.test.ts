import assert from 'node:assert/strict'
import { createHash, createHmac, createSecretKey } from 'node:crypto'
import { test } from 'node:test'
import { commitContent, JOURNAL_KIND, journalHash } from '../../src/ledger/journal.ts'
import * as lines from '../../src/ledger/lines.ts'
import { linesOf } from '../../src/ledger/record-lines.ts'
import { createDigestSeal, redactionRow, redactionsTold } from '../../src/ledger/redaction.ts'

const SEALED =
  '0dec4a24a11c558d976d5db677abe468979bdcfcf64215c6306504eb9941c7b8aa30fa6e2a90d48d18dd06384090c8be12f910b5131e85d341d54a7c'

// The journal chains these bytes: were one of them to change, no ledger that exists could be checked any more.

const bytes = (text: string) => text.replaceAll('|', '\x1f').replaceAll('~', '\x1e')
const first32 = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32)
const hold = { id: 'h1', source: 3n, target: 4n, assetId: 2, amount: 50n, expiresAt: 1700 }
const change = { id: 9n, version: 2, assetId: 5, lower: -10n, upper: null }
const points = { code: 'PTS', circle: 'club', exponent: 0 }

test('the lines of a transaction are the ones that every digest was taken over', () => {
  assert.equal(lines.transactionLine('t1', 'payment', 'client:a', 1600, '{}'), bytes('t|t1|payment|client:a|1600|{}'))
  assert.equal(lines.transferLine(0, 1n, 2n, 3, 40n), bytes('x|0|1|2|3|40'))
  assert.equal(lines.holdOpenedLine(hold), bytes('h|h1|3|4|2|50|1700'))
  assert.equal(lines.holdEndedLine('h1', lines.HOLD_STATUS.captured, 30n), bytes('e|h1|1|30'))
  assert.equal(lines.accountChangeLine(change, 1, points), bytes('a|9|2|5|PTS|club|0|-10||1'))
  assert.equal(
    lines.accountChangeLine({ ...change, lower: null, upper: 0n }, 0, points),
    bytes('a|9|2|5|PTS|club|0||0|0'),
  )
  assert.deepEqual(lines.HOLD_STATUS, { open: 0, captured: 1, released: 2, expired: 3 })
  assert.deepEqual(lines.ACCOUNT_STATUS, { open: 0, frozen: 1, closed: 2 })
})

test('a transaction that is read back makes the text that its digest was taken of, each part in its order', () => {
  const record = { id: 't1', kind: 'payment', principal: 'p', at: 1600, payload: '{}' }
  const text = linesOf({
    ...record,
    transfers: [{ leg: 0, source: 1n, target: 2n, assetId: 3, amount: 40n }],
    opened: [hold],
    ended: [{ id: 'h0', status: 2, captured: 0n }],
    changes: [
      { ...change, status: 0, asset: points },
      { ...change, status: 2, asset: null },
    ],
  } as unknown as Parameters<typeof linesOf>[0])
  assert.equal(
    text,
    bytes(
      't|t1|payment|p|1600|{}~x|0|1|2|3|40~h|h1|3|4|2|50|1700~e|h0|2|0~a|9|2|5|PTS|club|0|-10||0~a|9|2|5|||0|-10||2',
    ),
  )
})

test('digests are the first half of SHA-256, and a key is kept under its principal', () => {
  assert.equal(lines.digestOf('abc'), 'ba7816bf8f01cfea414140de5dae2223')
  assert.equal(lines.keyId('client:a', 'k'), first32(bytes('client:a|k')))
  const row = { id: 'i', hash: 'h', transaction: 't', at: 5, status: 200, answer: '{}' }
  assert.equal(lines.idempotencyDigest(row), first32(bytes('i|h|t|5|200|{}')))
  assert.equal(lines.idempotencyDigest({ ...row, transaction: null }), first32(bytes('i|h||5|200|{}')))
})

test('each hash of the journal is an HMAC over the one before and the whole row', () => {
  const key = createSecretKey(Buffer.alloc(32, 1))
  const hmac = (...parts: (string | Buffer)[]) =>
    parts.reduce((mac, part) => mac.update(part), createHmac('sha256', key)).digest()
  const row = { stream: 3, seq: 4n, kind: JOURNAL_KIND.commit, at: 5 }
  const genesis = journalHash(key, null, row, 'heads')
  assert.deepEqual(genesis, hmac(bytes('3|4|1|5|heads')))
  assert.deepEqual(journalHash(key, genesis, row, ''), hmac(genesis, bytes('3|4|1|5|')))
  assert.deepEqual(JOURNAL_KIND, { genesis: 0, commit: 1, void: 2 })
})

test('the content of a commit does not depend on the order in which its transactions came', () => {
  const [a, b] = [
    { id: 'a', digest: '2' },
    { id: 'b', digest: '1' },
  ] as const
  assert.equal(commitContent([b, a]), bytes('a|2~b|1'))
  assert.equal(commitContent([a, b]), bytes('a|2~b|1'))
  assert.equal(commitContent([]), '')
})

test('a digest that was sealed is opened with the same key for the same transaction only, and whole only', () => {
  const seal = createDigestSeal(createSecretKey(Buffer.alloc(32, 1)))
  const sealed = seal.seal('t1', 'd'.repeat(32))
  assert.equal(sealed.length, 12 + 32 + 16)
  assert.notDeepEqual(seal.seal('t1', 'd'.repeat(32)), sealed)
  assert.equal(seal.open('t1', sealed), 'd'.repeat(32))
  assert.equal(createDigestSeal(createSecretKey(Buffer.alloc(32, 1))).open('t1', sealed), 'd'.repeat(32))
  assert.equal(createDigestSeal(createSecretKey(Buffer.alloc(32, 2))).open('t1', sealed), null)
  assert.equal(seal.open('t2', sealed), null)
  assert.equal(seal.open('t1', seal.seal('t1', '')), '')
  for (let cut = 1; cut <= sealed.length; cut++) assert.equal(seal.open('t1', sealed.subarray(cut)), null)
  for (let at = 0; at < sealed.length; at++) {
    const changed = Buffer.from(sealed)
    changed[at] = (changed[at] as number) ^ 1
    assert.equal(seal.open('t1', changed), null)
  }
})

test('the key of sealed digests is another than the journal’s, made of it', () => {
  // Kept from a seal of 2026: what was sealed then must be opened for ever.
  const seal = createDigestSeal(createSecretKey(Buffer.alloc(32, 1)))
  const kept = Buffer.from(SEALED, 'hex')
  assert.equal(seal.open('t1', kept), '0123456789abcdef0123456789abcdef')
})

test('the row of a redaction has the digest of before sealed only, and the payload tells that of after', () => {
  const seal = createDigestSeal(createSecretKey(Buffer.alloc(32, 1)))
  const redaction = { id: 't1', before: 'b'.repeat(32), after: 'a'.repeat(32), principal: 'p', payload: '{}' }
  const row = redactionRow(seal, 'erasure-1', redaction)
  const sealed = row[5] as string
  assert.deepEqual(row, ['t1', 'b'.repeat(32), 'a'.repeat(32), 'p', '{}', sealed, 'erasure-1'])
  assert.match(sealed, /^\\x[0-9a-f]{120}$/)
  assert.equal(seal.open('t1', Buffer.from(sealed.slice(2), 'hex')), 'b'.repeat(32))
  assert.deepEqual(redactionsTold([redaction, { ...redaction, id: 't2', after: 'c' }]), { t1: 'a'.repeat(32), t2: 'c' })
})
