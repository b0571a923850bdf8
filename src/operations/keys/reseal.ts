import { type Keyring, KeyringError, sealOf } from '../../credentials/keyring.ts'
import type { Database } from '../../storage/database.ts'
import { lockSealed, replaceSealed, type SealedRow } from '../../storage/sealed-values.ts'
import { SEALED_PLACES, type SealedPlace } from './sealed-places.ts'

/** Few enough that no row is locked for longer than some milliseconds. */
const BATCH = 200
/** What was locked or came in meanwhile is found by a later round. */
const ROUNDS = 3

export type Resealed = {
  /** values that the current key seals now */
  readonly sealed: number
  /** values that no key of the ring opens, by column; they stay as they are */
  readonly unopened: Readonly<Record<string, number>>
}

/**
 * Seals every stored value with the current key, while servers work. Each batch is one transaction: ended at any moment, a next call
 * goes on with what is left. A value that a server changes meanwhile is the server's.
 * @param onBatch told after each batch is committed
 */
export async function reseal(
  { db, keyring }: { db: Database; keyring: Keyring },
  onBatch: (place: SealedPlace, done: number) => void = () => {},
): Promise<Resealed> {
  let sealed = 0
  let unopened: Record<string, number> = {}
  for (let round = 0; round < ROUNDS; round += 1) {
    let found = 0
    unopened = {}
    for (const place of SEALED_PLACES) {
      let after: SealedRow | null = null
      do {
        const batch = await resealBatch(db, keyring, place, after)
        after = batch.last
        found += batch.sealed
        sealed += batch.sealed
        if (batch.unopened > 0) {
          const name = `${place.table}.${place.column}`
          unopened[name] = (unopened[name] ?? 0) + batch.unopened
        }
        if (batch.sealed > 0) onBatch(place, sealed)
      } while (after !== null)
    }
    if (found === 0) break
  }
  return { sealed, unopened }
}

function resealBatch(db: Database, keyring: Keyring, place: SealedPlace, after: SealedRow | null) {
  const seal = sealOf(keyring.keyIds[0] as Buffer)
  return db.transaction(async (sql) => {
    const rows = await lockSealed(sql, place, { seal, after, limit: BATCH })
    const fresh = rows.flatMap((row) => resealed(keyring, place, row) ?? [])
    if (fresh.length > 0) await replaceSealed(sql, place, fresh)
    const last = rows.length === BATCH ? (rows.at(-1) as SealedRow) : null
    return { last, sealed: fresh.length, unopened: rows.length - fresh.length }
  })
}

function resealed(keyring: Keyring, place: SealedPlace, { sealed, named }: SealedRow): SealedRow | null {
  const context = place.context(named)
  try {
    return { named, sealed: keyring.seal(keyring.open(sealed, context), context) }
  } catch (error) {
    if (error instanceof KeyringError) return null
    throw error
  }
}
