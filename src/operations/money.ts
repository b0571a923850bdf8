import { canonicalJson } from '#sdk/protocol/canonical-json.ts'
import type { RefusalCode } from '../domain/refusal.ts'
import type { Command, Ledger } from '../ledger/command.ts'
import { digestOf, FIELD } from '../ledger/lines.ts'
import { hasAnswer } from '../ledger/stored-answers.ts'
import type { Database } from '../storage/database.ts'
import { type MoneyRefusalCode, moneyRefusalOf } from './money-refusal.ts'
import type { WalletDirectory } from './wallet-directory.ts'

export type MoneyDeps = {
  db: Database
  ledger: Ledger
  directory: WalletDirectory
  /** ms since the epoch */
  clock: () => number
}

/** `reference`: the public id of the transaction; `at`: the ledger's time, ms since the epoch. */
export type MoneyResult =
  | { readonly accepted: true; readonly reference: string; readonly at: number }
  | { readonly accepted: false; readonly code: RefusalCode | MoneyRefusalCode; readonly constraint?: string }

/** What a caller may say about a movement; JSON values as they were given. */
export type Remarks = {
  readonly description?: string | undefined
  readonly details?: unknown
  readonly metadata?: Record<string, unknown> | undefined
}

/**
 * A command without its caller: what an operation does, checked as far as nothing that changes has to be asked. Whatever may
 * change meanwhile is for the ledger and the constraints of the effects, so that a repeated key gets its first answer.
 */
export type Prepared = Omit<Command, 'principal' | 'key' | 'answer'> & {
  /**
   * Why the constraints are going to refuse it, as things stand. Only a repeat still has to go to the ledger, for its first
   * answer: a refusal there costs everybody in the batch another try.
   */
  readonly doomed?: MoneyRefusalCode | undefined
}

/** The refusal that the ledger need not be asked for. @param key the caller's, if it gave one */
export async function foreseenRefusal(
  { db }: Pick<MoneyDeps, 'db'>,
  { doomed }: Prepared,
  principal: string,
  key: string | undefined,
): Promise<MoneyRefusalCode | null> {
  if (doomed === undefined || (key !== undefined && (await hasAnswer(db, principal, key)))) return null
  return doomed
}

/** How far the database's clock, which decides, and ours may be apart; ms. */
const CLOCKS_APART = 60_000

/** A moment that is over by either clock. */
export const isLongOver = (moment: Date | number | null, now: number): boolean =>
  moment !== null && Number(moment) + CLOCKS_APART < now

/** A moment that has come by neither clock. */
export const isFarOff = (moment: Date | number | null, now: number): boolean =>
  moment !== null && Number(moment) > now + CLOCKS_APART

/** `actor`: who asks, e.g. `person:<party>`; `key`: its own name for the request, for which it gets one answer for ever. */
export type Ask = { readonly actor: string; readonly key: string }

/** Submits for a caller inside this process, who wants to know the outcome rather than get bytes. */
export async function submitPrepared(
  deps: Pick<MoneyDeps, 'db' | 'ledger'>,
  { actor, key }: Ask,
  prepared: Prepared,
  /** what the caller asked for: a key with another content is a conflict */
  content: Record<string, string | null | undefined>,
): Promise<MoneyResult> {
  const { doomed, ...command } = prepared
  const refused = await foreseenRefusal(deps, prepared, actor, key)
  if (refused) return { accepted: false, code: refused }
  const { answer } = await deps.ledger.submit({
    ...command,
    principal: actor,
    key: { value: key, hash: digestOf(prepared.kind + FIELD + canonicalJson(content)) },
    answer: (outcome) => {
      const result: MoneyResult = outcome.accepted
        ? { accepted: true, reference: outcome.transaction, at: outcome.at }
        : {
            accepted: false,
            code: moneyRefusalOf(outcome.refusal),
            ...(outcome.refusal.constraint === undefined ? {} : { constraint: outcome.refusal.constraint }),
          }
      return { status: outcome.accepted ? 200 : 422, body: JSON.stringify(result) }
    },
  })
  return JSON.parse(answer.body) as MoneyResult
}

/** A record in the ledger that moves nothing: it carries the effects, and the journal vouches for what it says. */
export const record = (
  transaction: string,
  kind: string,
  payload: object,
  effects: NonNullable<Command['effects']>,
): Prepared => ({ transaction, kind, legs: [], payload: JSON.stringify(payload), effects })
