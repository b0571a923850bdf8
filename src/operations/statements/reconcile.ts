import { type StatementLineName, statementLineOf } from '../../domain/statement.ts'
import type { Sql } from '../../storage/database.ts'
import { type EntryRange, findOrigins, listMovements, type Movement } from '../../storage/statement-lines.ts'
import { isUuid } from '../input.ts'

/** One line of the reconciliation file. Amounts in minor units. */
export type ReconciliationLine = Omit<Movement, 'payload'> & {
  readonly line: StatementLineName
  readonly before: bigint
  /** the platform that it came by; null: none */
  readonly protocol: string | null
  readonly requestId: string | null
  readonly order: string | null
  readonly purchase: string | null
  /** what the caller said: the reference of a purchase, or of a request for money */
  readonly reference: string | null
  /** slug of the brand, or the merchant's id */
  readonly seller: string | null
}

/** Movements of a range with what each was for, in the order of the entries. */
export async function reconcile(
  sql: Sql,
  account: bigint,
  range: EntryRange,
  limit: number,
): Promise<ReconciliationLine[]> {
  const movements = await listMovements(sql, account, range, limit)
  const said = movements.map(({ kind, payload }) => readPayload(kind, payload))
  const ids = (name: string) => [...new Set(said.flatMap((one) => idIn(one, name) ?? []))]
  const origins = await findOrigins(sql, { orders: ids('order'), purchases: ids('purchase') })
  return movements.map(({ payload: _, ...movement }, index) => {
    const words = said[index] as Said
    const order = idIn(words, 'order')
    const purchase = idIn(words, 'purchase')
    const origin = origins.get(order ?? purchase ?? '')
    // Which wallet a customer pays a purchase from, or redeems a card with, is the customer's affair.
    const hidden = OURS.test(movement.kind) && movement.counterparty === 'other'
    return {
      ...movement,
      counterpartyId: hidden ? null : movement.counterpartyId,
      line: statementLineOf(movement),
      before: movement.balance - movement.amount,
      protocol: origin?.protocol ?? null,
      requestId: origin?.requestId ?? null,
      order: order ?? null,
      purchase: purchase ?? null,
      reference: textIn(words, 'reference') ?? textIn(words, 'description'),
      seller: origin?.seller ?? textIn(words, 'brand'),
    }
  })
}

type Said = Readonly<Record<string, unknown>>

/** Transactions whose payload is written by the server alone. In those of wallets a caller could name the order of somebody else. */
const OURS = /^(gift-card|card|voucher|purchase|float)(-|$)/

function readPayload(kind: string, text: string): Said {
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {}
  const said = value as Said
  return OURS.test(kind) ? said : { description: textIn(said, 'description') }
}

function textIn(said: Said, name: string): string | null {
  const value = Object.hasOwn(said, name) ? said[name] : undefined
  return typeof value === 'string' ? value : null
}

function idIn(said: Said, name: string): string | undefined {
  const value = textIn(said, name)
  return value !== null && isUuid(value) ? value : undefined
}
