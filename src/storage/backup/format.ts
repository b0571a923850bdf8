/**
 * A backup is text, compressed by gzip: this line, a line of JSON (the header), and for each table a line `table NAME`, its rows
 * as PostgreSQL's COPY writes them, and a line `\.`, which no row can be. The last line is `sha256 HEX` over everything before it.
 */
export const MAGIC = 'billfold-backup 1'
/** Ends the rows of a table. */
export const END_OF_ROWS = '\\.'

export type BackupHeader = {
  /** of the snapshot, ISO 8601 */
  readonly at: string
  /** the schema that the rows fit, as versions of migrations */
  readonly migrations: readonly string[]
  /** in an order in which no row refers to a later table */
  readonly tables: readonly BackupTable[]
  readonly sequences: readonly { readonly name: string; readonly value: string; readonly called: boolean }[]
}

export type BackupTable = { readonly name: string; readonly columns: readonly string[] }

/** What a backup held, or what was restored. */
export type BackupSummary = {
  readonly at: string
  readonly tables: number
  readonly rows: bigint
  readonly bytes: number
}

/** A backup that cannot be made or restored, for a reason that its message explains. */
export class BackupError extends Error {
  override name = 'BackupError'
}

/** An identifier as SQL writes it. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

export const columnList = ({ columns }: BackupTable): string => columns.map(quoted).join(', ')
