import type { Snapshot } from '../../storage/snapshot.ts'
import type { JournalHead } from '../journal.ts'
import { type Findings, rowName } from './findings.ts'

/** What others say about journal rows: the genesis rows of later streams, and the file outside the database. */
export type HeadClaims = {
  /** Holds a row that is there against what is said about it. */
  check(row: { stream: number; seq: bigint; hash: Buffer }): void
  /** To be called after the last row: what nobody has seen was cut off. */
  reportMissing(): void
}

const OUTSIDE = 'the record of heads outside the database'

/** Claims that agree are kept once, so memory grows with the number of streams, not with that of their mentions. */
export async function createHeadClaims(
  snapshot: Snapshot,
  knownHeads: readonly JournalHead[],
  findings: Findings,
): Promise<HeadClaims> {
  const claims = new Map<string, { stream: number; seq: string; hash: string; by: string }[]>()
  const add = (stream: number, seq: string, hash: string, by: string) => {
    const id = `${stream}:${seq}`
    const known = claims.get(id)
    if (!known) claims.set(id, [{ stream, seq, hash, by }])
    else if (!known.some((claim) => claim.hash === hash)) known.push({ stream, seq, hash, by })
  }
  for (const { stream, seq, hash } of knownHeads) add(stream, String(seq), hash.toString('hex'), OUTSIDE)

  const geneses = await snapshot.read<{ stream: number; seq: bigint; heads: string }>(
    'select stream, seq, heads from journal where heads is not null order by stream, seq',
  )
  for (; geneses.current; await geneses.next()) {
    const { stream, seq, heads } = geneses.current
    const by = `the first row of stream ${stream}`
    const named = readHeads(heads)
    if (!named) findings.add('journal', rowName('journal', { stream, seq }), 'the heads that it names cannot be read')
    for (const head of named ?? []) add(head.stream, head.seq, head.hash, by)
  }

  return {
    check({ stream, seq, hash }) {
      const id = `${stream}:${seq}`
      const said = claims.get(id)
      if (!said) return
      claims.delete(id)
      for (const claim of said) {
        if (claim.hash === hash.toString('hex')) continue
        findings.add('journal', rowName('journal', { stream, seq }), `has another hash than ${claim.by} says`)
      }
    },
    reportMissing() {
      for (const { stream, seq, by } of [...claims.values()].flat()) {
        findings.add(
          'journal',
          rowName('journal', { stream, seq }),
          `is missing, though ${by} names it: the stream was cut`,
        )
      }
    },
  }
}

/** As `openStream` writes them: `[[stream, seq, hash], …]`. */
function readHeads(text: string): { stream: number; seq: string; hash: string }[] | undefined {
  try {
    const heads: unknown = JSON.parse(text)
    if (!Array.isArray(heads)) return undefined
    return heads.map(([stream, seq, hash]) => ({ stream: Number(stream), seq: String(seq), hash: String(hash) }))
  } catch {
    return undefined
  }
}
