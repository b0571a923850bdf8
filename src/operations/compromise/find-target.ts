import { COMPROMISE_KINDS, type CompromiseKind, findTarget } from '../../storage/compromises.ts'
import type { Sql } from '../../storage/database.ts'
import { isUuid, OperationRefusal } from '../input.ts'

/** A credential, or a party with all of them. */
export type Target = {
  readonly kind: CompromiseKind
  readonly id: string
  /** for people */
  readonly name: string
  /** whose it is, and who may answer for it */
  readonly partyId: string
  /** under which names it acts in the ledger */
  readonly principals: readonly string[]
}

export const isCompromiseKind = (text: string): text is CompromiseKind => COMPROMISE_KINDS.some((kind) => kind === text)

/** @throws {OperationRefusal} when there is no such credential */
export async function requireTarget(sql: Sql, kind: string, id: string): Promise<Target> {
  const none = new OperationRefusal('not_found', 'id', 'there is no such credential')
  if (!isCompromiseKind(kind)) throw none
  const named = kind === 'client' || kind === 'sign-in'
  if (!named && !isUuid(id)) throw none
  const key = kind === 'sign-in' ? id.toLowerCase() : id
  const row = await findTarget(sql, kind, key)
  if (!row) throw none
  return { kind, id: key, name: row.name, partyId: row.party_id, principals: row.principals }
}
