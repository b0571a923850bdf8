import { canonicalJson } from '#sdk/protocol/canonical-json.ts'
import type { Command, Decided } from '../../ledger/command.ts'
import { digestOf, FIELD } from '../../ledger/lines.ts'
import { hasAnswer } from '../../ledger/stored-answers.ts'
import { findOwnCard, type OwnCard } from '../../storage/card-use.ts'
import type { Database } from '../../storage/database.ts'
import { type CardRefusal, cardRefusalOf } from './card-refusal.ts'
import type { GiftDeps } from './gift-deps.ts'

export type CardUseDeps = Pick<GiftDeps, 'db' | 'ledger' | 'clock' | 'cardHasher'>

/** Who asks, and its own name for the request, for which it gets one answer for ever. */
export type CardAsk = { readonly actor: string; readonly key: string }

/** `reference`: the transaction's; `at`: the ledger's time, ms since the epoch; `balance`: the card's afterwards, where it moved. */
export type CardUsed =
  | { readonly accepted: true; readonly reference: string; readonly at: number; readonly balance: bigint | null }
  | { readonly accepted: false; readonly code: CardRefusal }
export type CardUseResult = CardUsed & { /** the key had its answer before */ readonly replayed: boolean }

/** The card of ours that has this code, however it was typed; codes of others are not known here. */
export function findCardOfCode(
  { db, cardHasher }: Pick<CardUseDeps, 'db' | 'cardHasher'>,
  code: string,
): Promise<OwnCard | undefined> {
  return findOwnCard(db, { codeHash: cardHasher.own(code) })
}

export type StateRefusal = Extract<CardRefusal, 'card-ended' | 'card-expired' | 'card-blocked'>

/** Why nothing can be done with the card as it stands. @param now ms since the epoch */
export function refusalOfState(
  card: Pick<OwnCard, 'status' | 'end_how' | 'expires_at'>,
  now: number,
): StateRefusal | undefined {
  if (card.end_how === 'expired') return 'card-expired'
  if (card.status === 'ended') return 'card-ended'
  if (card.expires_at !== null && card.expires_at.getTime() <= now) return 'card-expired'
  return card.status === 'blocked' ? 'card-blocked' : undefined
}

export const entryOf = ({ entries }: Pick<Decided, 'entries'>, account: bigint): bigint | null =>
  entries.findLast((entry) => entry.account === account)?.balance ?? null

type CardUse = Pick<Command, 'transaction' | 'kind' | 'legs' | 'effects'> & {
  readonly account: bigint
  /** what the journal and the histories of wallets tell; nothing that is secret */
  readonly payload: object
  /** what was asked for: a key with another content is a conflict */
  readonly content: Readonly<Record<string, string | null>>
  /**
   * Why it is going to be refused, as things stand. Only a repeat still goes to the ledger, for its first answer; whatever
   * changes meanwhile is for the ledger and the constraints of the effects.
   */
  readonly doomed?: CardRefusal | undefined
}

/** Submits one use of a card. The answer that is kept with the key holds no code. */
export async function submitCardUse(
  deps: { db: Database } & Pick<CardUseDeps, 'ledger'>,
  { actor, key }: CardAsk,
  { doomed, account, content, payload, ...command }: CardUse,
): Promise<CardUseResult> {
  if (doomed && !(await hasAnswer(deps.db, actor, key))) return { accepted: false, code: doomed, replayed: false }
  const settled = await deps.ledger.submit({
    ...command,
    principal: actor,
    key: { value: key, hash: digestOf(command.kind + FIELD + canonicalJson(content)) },
    payload: JSON.stringify(payload),
    answer: (outcome) => {
      if (!outcome.accepted) {
        const code = cardRefusalOf(outcome.refusal, account)
        return { status: 422, body: JSON.stringify({ accepted: false, code }) }
      }
      const { transaction: reference, at } = outcome
      const balance = entryOf(outcome, account)?.toString() ?? null
      return { status: 200, body: JSON.stringify({ accepted: true, reference, at, balance }) }
    },
  })
  const answer = JSON.parse(settled.answer.body)
  const { replayed } = settled
  if (!answer.accepted) return { accepted: false, code: answer.code, replayed }
  return { ...answer, balance: answer.balance === null ? null : BigInt(answer.balance), replayed }
}
