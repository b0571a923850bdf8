import type { KeyObject } from 'node:crypto'
import type { RowReader, Snapshot } from '../../storage/snapshot.ts'
import { commitContent, JOURNAL_KIND, type JournalHead, journalHash } from '../journal.ts'
import { createDigestSeal, type DigestSeal } from '../redaction.ts'
import { millisecondsOf } from '../transaction-rows.ts'
import { type Findings, rowName } from './findings.ts'
import { createHeadClaims } from './head-claims.ts'

type JournalRow = { stream: number; seq: bigint; kind: number; at: number; hash: Buffer; heads: string | null }
type CommittedRow = { stream: number; seq: bigint; id: string; digest: string; sealed: Buffer | null }
type Previous = {
  readonly seq: bigint
  /** what the row says, and what it should say: the next row is right if it follows from either */
  readonly hashes: readonly Buffer[]
}

const JOURNAL = `select stream, seq, kind, ${millisecondsOf('at')} as at, hash, heads from journal order by stream, seq`
// Of a transaction whose texts were taken out, the digest that it was committed with stands sealed.
const COMMITTED = `select t.stream, t.seq, t.id, replace(t.digest::text, '-', '') as digest, r.digest as sealed
  from transaction t left join redaction r on r.transaction_id = t.id order by t.stream, t.seq`

/** Suspects listed with one finding. */
const SUSPECTS = 32

/**
 * Follows every stream from its genesis and makes each hash again from the transactions of its commit; holds the heads against
 * what later geneses and the file outside the database say.
 * @returns the streams' last rows, and how many rows there are
 */
export async function auditJournal(
  snapshot: Snapshot,
  key: KeyObject,
  knownHeads: readonly JournalHead[],
  findings: Findings,
  onRow: () => void,
): Promise<{ heads: JournalHead[]; count: number }> {
  const claims = await createHeadClaims(snapshot, knownHeads, findings)
  const journal = await snapshot.read<Omit<JournalRow, 'at'> & { at: string }>(JOURNAL)
  const committed = await snapshot.read<CommittedRow>(COMMITTED)
  const seals = createDigestSeal(key)
  const heads: JournalHead[] = []
  let last: JournalHead | null = null
  let previous: Previous | null = null
  let count = 0

  for (; journal.current; await journal.next()) {
    const row: JournalRow = { ...journal.current, at: Number(journal.current.at) }
    count++
    onRow()
    if (last && last.stream !== row.stream) {
      heads.push(last)
      previous = null
      last = null
    }
    const transactions = (await takeCommitted(committed, row, findings)).map((one) => firstDigest(seals, one, findings))
    const broken = reportGap(findings, row, last)
    if (broken) previous = null
    const computed = checkRow({ key, row, previous, transactions, findings, broken })
    claims.check(row)
    previous = { seq: row.seq, hashes: computed ? [row.hash, computed] : [row.hash] }
    last = { stream: row.stream, seq: row.seq, hash: row.hash }
  }
  if (last) heads.push(last)
  await takeCommitted(committed, null, findings)
  claims.reportMissing()
  return { heads, count }
}

/** With the digest that the transaction had when it was committed. */
function firstDigest(seals: DigestSeal, row: CommittedRow, findings: Findings): CommittedRow {
  if (row.sealed === null) return row
  const digest = seals.open(row.id, row.sealed)
  if (digest !== null) return { ...row, digest }
  findings.add('journal', rowName('redaction', { transaction_id: row.id }), 'its digest was not sealed by this ledger')
  return row
}

/** Whether rows before this one are missing: then its hash cannot be followed. */
function reportGap(findings: Findings, row: JournalRow, last: JournalHead | null): boolean {
  const expected = last ? last.seq + 1n : 0n
  if (row.seq === expected) return false
  const until = row.seq - 1n
  findings.add(
    'journal',
    rowName('journal', { stream: row.stream, seq: expected }),
    `${until === expected ? 'the row is' : `the rows up to seq=${until} are`} missing; the next one cannot be checked`,
    [rowName('journal', { stream: row.stream, seq: row.seq })],
  )
  return true
}

/** @returns the hash that the row should have, if that can be known */
function checkRow(context: {
  key: KeyObject
  row: JournalRow
  previous: Previous | null
  transactions: readonly CommittedRow[]
  findings: Findings
  broken: boolean
}): Buffer | undefined {
  const { key, row, previous, transactions, findings, broken } = context
  const name = rowName('journal', { stream: row.stream, seq: row.seq })
  if (row.kind !== JOURNAL_KIND.commit && transactions.length > 0) {
    const what = row.kind === JOURNAL_KIND.void ? 'was given up' : 'began the stream'
    for (const { id } of transactions) {
      findings.add(
        'journal',
        rowName('transaction', { id }),
        `names a journal row that ${what} and holds no transaction`,
        [name],
      )
    }
  }
  if (broken) return undefined
  const hashes = previous?.hashes ?? [null]
  const follows = (content: string) => hashes.some((before) => journalHash(key, before, row, content).equals(row.hash))
  const content = contentOf(row, transactions)
  if (follows(content)) return undefined

  const stranger =
    row.kind === JOURNAL_KIND.commit
      ? transactions.find((one) =>
          follows(
            contentOf(
              row,
              transactions.filter((other) => other !== one),
            ),
          ),
        )
      : undefined
  if (stranger) {
    const message = `was not part of the commit that it names (journal stream=${row.stream}, seq=${row.seq})`
    findings.add('journal', rowName('transaction', { id: stranger.id }), message, [name])
  } else {
    findings.add(
      'journal',
      name,
      'its hash does not follow from the row before, its own columns and its transactions: one was changed, added or removed, or this is not the key of this journal',
      transactions.slice(0, SUSPECTS).map(({ id }) => rowName('transaction', { id })),
    )
  }
  return journalHash(key, hashes[0] ?? null, row, content)
}

function contentOf(row: JournalRow, transactions: readonly CommittedRow[]): string {
  if (row.kind === JOURNAL_KIND.genesis) return row.heads ?? ''
  return row.kind === JOURNAL_KIND.commit ? commitContent(transactions) : ''
}

/** The transactions of one journal row; those that come before it name a row that is not there. */
async function takeCommitted(
  reader: RowReader<CommittedRow>,
  row: JournalRow | null,
  findings: Findings,
): Promise<CommittedRow[]> {
  const taken: CommittedRow[] = []
  while (reader.current) {
    const { current } = reader
    const same = row && current.stream === row.stream && current.seq === row.seq
    if (!same && row && (current.stream > row.stream || (current.stream === row.stream && current.seq > row.seq))) break
    if (same) taken.push(current)
    else {
      const missing = `stream=${current.stream}, seq=${current.seq}`
      findings.add('journal', rowName('transaction', { id: current.id }), `its journal row (${missing}) does not exist`)
    }
    const fetching = reader.next()
    if (fetching) await fetching
  }
  return taken
}
