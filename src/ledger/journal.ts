import { createHmac, type KeyObject } from 'node:crypto'
import { FIELD, LINE } from './lines.ts'

/** The last row of a stream: `hash` is 32 bytes. */
export type JournalHead = { readonly stream: number; readonly seq: bigint; readonly hash: Buffer }

export const JOURNAL_KIND = { genesis: 0, commit: 1, void: 2 } as const

/**
 * The chain's next hash: HMAC-SHA256 over the previous hash and the row, with a key that the database holds only sealed, so that whoever can only
 * write to the database cannot recompute it.
 * @param content the heads of a genesis row; the sorted `id digest` pairs of a commit; empty for a void row
 */
export function journalHash(
  key: KeyObject,
  previous: Buffer | null,
  row: { stream: number; seq: bigint; kind: number; at: number },
  content: string,
): Buffer {
  const hmac = createHmac('sha256', key)
  if (previous) hmac.update(previous)
  hmac.update([row.stream, row.seq, row.kind, row.at, content].join(FIELD))
  return hmac.digest()
}

/** Order does not depend on arrival, so that it can be made again from the tables. */
export function commitContent(transactions: readonly { id: string; digest: string }[]): string {
  return transactions
    .map(({ id, digest }) => id + FIELD + digest)
    .sort()
    .join(LINE)
}
