import { createHash } from 'node:crypto'
import type { CardHasher } from '../../credentials/card-codes.ts'
import type { Keyring } from '../../credentials/keyring.ts'
import { readStockLine, type StockHeader, type StockRules } from '../../domain/stock-line.ts'
import type { SealedCode } from '../../storage/stock-imports.ts'
import type { Line } from './read-lines.ts'
import { sealCode, UPLOAD_LIMITS } from './stock-upload.ts'

export type NumberedLine = { readonly line: number; readonly text: Line }

/** What the lines of one upload have in common. */
export type UploadContext = { readonly brandId: string; readonly header: StockHeader; readonly rules: StockRules }

export type BatchLine = { readonly line: number } & (
  | { readonly malformed: string }
  | (SealedCode & { readonly mask: string })
)

/** A batch of lines that is ready to be written. `hash` is over its content. */
export type SealedBatch = { readonly firstLine: number; readonly hash: Uint8Array; readonly lines: BatchLine[] }

/** Reads and seals some lines. Takes some 50 µs for each. */
export function sealLines(
  deps: { keyring: Pick<Keyring, 'seal'>; cardHasher: CardHasher },
  { brandId, header, rules }: UploadContext,
  lines: readonly NumberedLine[],
): BatchLine[] {
  return lines.map(({ line, text }) => {
    if (text === null) return { line, malformed: `the line is longer than ${UPLOAD_LIMITS.lineLength}` }
    if (text.includes('\ufffd')) return { line, malformed: 'the line is no UTF-8' }
    const read = readStockLine(text, header, rules)
    return 'malformed' in read ? { line, ...read } : { line, ...sealCode(deps, brandId, read) }
  })
}

/** SHA-256 over what the lines say. */
export function hashLines({ header }: UploadContext, lines: readonly NumberedLine[]): Buffer {
  const hash = createHash('sha256').update(`${header.columns.join()}\n`)
  for (const { line, text } of lines) hash.update(`${line} ${text ?? ''}\n`)
  return hash.digest()
}
