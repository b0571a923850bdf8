import { type Keyring, SEAL_BYTES, sealOf } from '../../credentials/keyring.ts'
import type { Sql } from '../../storage/database.ts'
import { countSealedAnswers, countSeals } from '../../storage/sealed-values.ts'
import { SEALED_PLACES } from './sealed-places.ts'

/** What one key seals. The id is made of the key and tells nothing of it. */
export type KeyUse = {
  readonly id: string
  /** `missing`: values are sealed with it, and it is not in BILLFOLD_KEY */
  readonly state: 'current' | 'old' | 'missing'
  readonly values: number
  /** stored answers of the wallet API, which end by themselves */
  readonly answers: number
  readonly last_answer_at: string | null
}

/** Every key of the ring, and every other one that something is sealed with. */
export async function listKeyUse({ db, keyring }: { db: Sql; keyring: Keyring }): Promise<KeyUse[]> {
  const values = new Map(keyring.keyIds.map((id) => [id.toString('hex'), 0]))
  for (const place of SEALED_PLACES) {
    for (const [seal, count] of await countSeals(db, place, SEAL_BYTES)) {
      const id = seal.slice(2)
      values.set(id, (values.get(id) ?? 0) + count)
    }
  }
  const uses: KeyUse[] = []
  for (const [id, count] of values) {
    const place = keyring.keyIds.findIndex((own) => own.toString('hex') === id)
    const answers = await countSealedAnswers(db, sealOf(Buffer.from(id, 'hex')).toString('base64'))
    uses.push({
      id,
      state: place < 0 ? 'missing' : place === 0 ? 'current' : 'old',
      values: count,
      answers: answers.count,
      last_answer_at: answers.last?.toISOString() ?? null,
    })
  }
  return uses
}
