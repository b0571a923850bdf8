import type { CardHasher } from '../../credentials/card-codes.ts'
import type { Keyring } from '../../credentials/keyring.ts'
import { maskCode, type StockLine } from '../../domain/stock-line.ts'
import type { Brand } from '../../storage/brands.ts'
import type { SealedCode, StockCounts, StockImportRow } from '../../storage/stock-imports.ts'

export type StockUpload = {
  readonly brand: Brand
  /** of the file, for people */
  readonly name: string
  /** who uploads */
  readonly actor: string
  /** the caller's own name for the upload: sent again under it, an upload that was cut off goes on where it was */
  readonly key?: string
  readonly source: AsyncIterable<Uint8Array>
  onProgress?(progress: StockCounts & { bytes: number }): void
}

export type ImportedStock = { readonly report: StockImportRow; readonly repeated: boolean }

/** The key was used for an upload with other content; nothing of this one was added from where they differ. */
export class UploadConflict extends Error {
  override name = 'UploadConflict'
}

/** An upload that is too large. What stood before the limit was added. */
export class UploadTooLarge extends Error {
  override name = 'UploadTooLarge'
}

export const UPLOAD_LIMITS = { bytes: 512 * 1024 * 1024, lines: 5_000_000, lineLength: 4096 } as const

/** Seals a code for the stock, findable by its keyed hash. */
export function sealCode(
  { keyring, cardHasher }: { keyring: Pick<Keyring, 'seal'>; cardHasher: CardHasher },
  brandId: string,
  { code, pin, url, serial, face, expiresOn }: StockLine,
): SealedCode & { mask: string } {
  const named = code || (url as string)
  const hash = cardHasher.ofBrand(brandId, named).toString('hex')
  const secrets = { code, pin, ...(url !== null && { url }), ...(serial !== null && { serial }) }
  const sealed = keyring.seal(JSON.stringify(secrets), `stock:${hash}`).toString('hex')
  return { face, expiresOn, hash, sealed, mask: maskCode(named) }
}
