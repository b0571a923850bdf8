import { createHash } from 'node:crypto'
import { canonicalJson } from '#sdk/protocol/canonical-json.ts'
import type { Keyring } from '../../credentials/keyring.ts'
import type { Command } from '../../ledger/command.ts'
import { OperationRefusal } from '../../operations/input.ts'
import {
  type AdminAnswerRow,
  adminAnswerKept,
  claimAdminKey,
  findAdminAnswer,
  keepAdminAnswer,
} from '../../storage/admin-answers.ts'
import type { Database, Sql } from '../../storage/database.ts'
import { AdminProblem } from './problem.ts'
import type { AdminRoute } from './route.ts'

export type KeptAnswer = { status: number; body: string; replayed: boolean }

/** Whose key it is, its text, and SHA-256 over what is asked. */
export type OnceKey = { principal: string; value: string; hash: Buffer }

type OnceDeps = { db: Database; keyring: Keyring }

/** Two requests are the same when they ask the same route the same thing, however it is written. */
export function requestHash(route: AdminRoute, params: object, input: unknown): Buffer {
  const { method, path } = route
  return createHash('sha256').update(canonicalJson({ method, path, params, input })).digest()
}

/**
 * Runs the work in one transaction. With a key, the key is taken first, so that of many requests alike one does the work while
 * the others wait for its answer; and a refusal gives the key back with everything else.
 */
export function onceInTransaction(
  deps: OnceDeps,
  key: OnceKey | null,
  status: number,
  work: (sql: Sql) => Promise<unknown>,
): Promise<KeptAnswer> {
  return deps.db.transaction(async (sql) => {
    if (key && !(await claimAdminKey(sql, key.principal, key.value, key.hash))) {
      return replay(deps, key, (await findAdminAnswer(sql, key.principal, key.value)) as AdminAnswerRow)
    }
    const body = JSON.stringify(await work(sql))
    if (key) await keepAdminAnswer(sql, key.principal, key.value, { status, sealed: seal(deps, key, body) })
    return { status, body, replayed: false }
  })
}

/**
 * Runs work whose effect is a command of the ledger, which keeps the answer in its own transaction. Of many requests alike the
 * ledger lets one through; the others are refused because what they would create is there, and then find its answer.
 */
export async function onceInLedger(
  deps: OnceDeps,
  key: OnceKey | null,
  status: number,
  work: (keep: (answer: object) => NonNullable<Command['effects']>) => Promise<unknown>,
): Promise<KeptAnswer> {
  const find = async () => {
    const row = key ? await findAdminAnswer(deps.db, key.principal, key.value) : undefined
    return key && row ? replay(deps, key, row) : undefined
  }
  const earlier = await find()
  if (earlier) return earlier
  const keep = (answer: object) => {
    if (!key) return []
    const sealed = seal(deps, key, JSON.stringify(answer))
    const row = [key.principal, key.value, key.hash.toString('hex'), String(status), sealed.toString('hex')]
    return [{ effect: adminAnswerKept, row }]
  }
  try {
    return { status, body: JSON.stringify(await work(keep)), replayed: false }
  } catch (error) {
    const meanwhile = error instanceof OperationRefusal ? await find() : undefined
    if (meanwhile) return meanwhile
    throw error
  }
}

function replay(deps: OnceDeps, key: OnceKey, row: AdminAnswerRow): KeptAnswer {
  if (!row.request_hash.equals(key.hash)) {
    throw new AdminProblem(409, 'idempotency-conflict', 'the key was used before with other content')
  }
  return { status: row.status, body: deps.keyring.open(row.answer, context(key)), replayed: true }
}

const seal = (deps: OnceDeps, key: OnceKey, body: string) => deps.keyring.seal(body, context(key))

const context = ({ principal, value }: OnceKey) => `admin-answer:${principal}:${value}`
