import { keyId } from '../../src/ledger/lines.ts'
import { opened } from '../../test/support/wallet-client.ts'
import type { Bank } from './bank.ts'
import { type Place, WALLETS } from './place.ts'

export type Verdict = {
  /** wishes with a definite answer */
  acknowledged: number
  paid: number
  refused: number
  /** attempts without a definite answer, and wishes that had one */
  indefinite: number
  uncertain: number
  conflicts: number
  /** answers that the database does not have as they were given, and payments of which it has nothing */
  lost: number
  /** payments beyond one for each key */
  doubled: number
  /** everything that is wrong, in words */
  wrong: string[]
}

/** Holds what the callers were told against what the database has. */
export async function verify(place: Place, bank: Bank): Promise<Verdict> {
  const { db, client } = place
  const wrong: string[] = [...bank.strange]
  const verdict: Verdict = {
    ...{ acknowledged: 0, paid: 0, refused: 0, indefinite: 0, uncertain: 0, conflicts: 0 },
    ...{ lost: 0, doubled: 0, wrong },
  }
  const rows = await db.query<{ id: string; answer: string }>('select id, answer from idempotency')
  const kept = new Map(rows.map((row) => [row.id.replaceAll('-', ''), row.answer]))
  const done = await db.query<{ reference: string }>(`select id as reference from transaction where kind = 'payments'`)
  const references = new Map<string, number>()
  for (const { reference } of done) references.set(reference, (references.get(reference) ?? 0) + 1)
  const balances = new Map(WALLETS.map((id) => [id, 0n]))
  for (const wish of bank.wishes.values()) {
    verdict.indefinite += wish.indefinite
    verdict.conflicts += wish.conflicts
    if (wish.indefinite > 0) verdict.uncertain++
    const [answer] = wish.answers
    if (!answer) {
      wrong.push(`${wish.key} has no answer`)
      continue
    }
    verdict.acknowledged++
    if (new Set(wish.answers.map(({ status, text }) => `${status} ${text}`)).size > 1) {
      wrong.push(`${wish.key} was answered in several ways`)
    }
    if (kept.get(keyId(`client:${client.id}`, wish.key).replaceAll('-', '')) !== answer.text) {
      verdict.lost++
      wrong.push(`${wish.key} was acknowledged, and its answer is not there`)
    }
    const payload = opened(answer, client.signingSecret)
    if (answer.status !== 200) {
      verdict.refused++
      continue
    }
    verdict.paid++
    const times = references.get(payload.reference) ?? 0
    if (times === 0) verdict.lost++
    if (times !== 1) wrong.push(`${wish.key}: its transaction ${payload.reference} is there ${times} times`)
    references.delete(payload.reference)
    const cents = BigInt(Math.round(Number(payload.amount) * 100))
    balances.set(wish.source, (balances.get(wish.source) as bigint) - cents)
    balances.set(payload.target, (balances.get(payload.target) as bigint) + cents)
  }
  verdict.doubled = done.length - verdict.paid + verdict.lost
  if (done.length !== verdict.paid) {
    wrong.push(`${done.length} payments for ${verdict.paid} keys, such as ${[...references.keys()].slice(0, 3)}`)
  }
  for (const [id, expected] of balances) {
    const [namespace, number, currency] = id.split(':')
    const [row] = await db.query<{ balance: bigint }>(
      `select a.balance from account a join wallet w on w.id = a.id
       where w.namespace = $1 and w.number = $2 and w.currency = $3`,
      [namespace, number, currency],
    )
    if (row?.balance !== expected) wrong.push(`${id} has ${row?.balance}, and its payments make ${expected}`)
  }
  wrong.push(...(await place.audit()))
  return verdict
}
