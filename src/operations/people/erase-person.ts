import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Keyring } from '../../credentials/keyring.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import type { Ledger } from '../../ledger/command.ts'
import { ACCOUNT_STATUS } from '../../ledger/lines.ts'
import { ERASURE_KIND } from '../../ledger/redaction.ts'
import type { Database, Sql } from '../../storage/database.ts'
import { failWaiting } from '../../storage/delivery-queue.ts'
import {
  deleteErasure,
  type ErasureRow,
  endErasure,
  findErasure,
  insertErasure,
  isOverBefore,
  listOpenErasures,
  lockErasures,
  transactionNumber,
} from '../../storage/erasures.ts'
import {
  blankEndpoints,
  deleteSignIns,
  endPartyAccess,
  endSessions,
  listOwnWallets,
  listPartyEndpoints,
  renameParty,
} from '../../storage/people.ts'
import { blankAnswersThatSay } from '../../storage/redactions.ts'
import { readColumnTypes, replaceTexts } from '../../storage/replace-texts.ts'
import { closeCursors } from '../../storage/webhook-cursors.ts'
import { markEndpointDeleted } from '../../storage/webhook-endpoints.ts'
import { OperationRefusal, requireUuid } from '../input.ts'
import { submitForWallet } from '../submit-for-wallet.ts'
import type { WalletDirectory } from '../wallet-directory.ts'
import { destroySealed } from './destroy-sealed.ts'
import { PERSONAL_COLUMNS } from './personal-columns.ts'
import { redactBooks } from './redact-books.ts'
import { createReplacer, type Replacer } from './replacer.ts'
import { pseudonymise, requireSubject, type Subject } from './subject.ts'
import { TIES, tiesOf } from './ties.ts'

export type EraseDeps = {
  db: Database
  ledger: Ledger
  keyring: Keyring
  directory?: WalletDirectory
  /** ms since the epoch */
  clock: () => number
}

export type Who = { partyId: string; email?: string | undefined }

export type Erased = { id: string; partyId: string; pseudonym: string; doneAt: Date; counts: Record<string, number> }

/** How long one waits for others to end; ms. */
const PATIENCE = 30_000

/**
 * Replaces by a pseudonym, everywhere and for good, what tells who a person is; the books stay whole. Nothing happens while the person
 * has something left: that is paid out first. One erasure goes on at a time; one that was cut off goes on when it is asked for again, and
 * one that is done answers as it did.
 * @param who a person's party; or a business's with the address of one of its team
 * @throws {OperationRefusal} `conflict` names what is left
 */
export async function erasePerson(deps: EraseDeps, actor: string, who: Who): Promise<Erased> {
  const deadline = performance.now() + PATIENCE
  for (;;) {
    // Nobody waits with a connection in hand: the one who works needs another.
    const erased = await deps.db.transaction(async (lock) =>
      (await lockErasures(lock)) ? eraseNow(deps, actor, who) : null,
    )
    if (erased) return erased
    if (performance.now() > deadline)
      throw new OperationRefusal('conflict', 'party_id', 'another person is being erased: try again later')
    await delay(50 + Math.random() * 100)
  }
}

async function eraseNow(deps: EraseDeps, actor: string, who: Who): Promise<Erased> {
  const { db, keyring } = deps
  const begun = await findBegun(deps, who)
  if (begun?.done_at) return shown(begun, begun.done_at, begun.counts)
  if (begun) return erase(deps, actor, openSubject(keyring, begun), begun)
  const subject = await requireSubject(db, who)
  const ties = await tiesOf(db, subject)
  if (ties.length > 0) throw new OperationRefusal('conflict', 'party_id', ties.map((tie) => TIES[tie]).join('; '))
  const fresh = await begin(deps, actor, subject)
  return erase(deps, actor, subject, fresh, async (refused) => {
    // Money came in since the look at the ties. The next try begins with whatever the person has by then.
    if (refused instanceof OperationRefusal) await deleteErasure(db, fresh.id)
    throw refused
  })
}

/** An erasure of the same person, done or cut off. */
async function findBegun({ db, keyring }: EraseDeps, { partyId, email }: Who): Promise<ErasureRow | undefined> {
  const id = requireUuid('party_id', partyId)
  const whole = await findErasure(db, id)
  if (whole || email === undefined) return whole
  const open = await listOpenErasures(db, id)
  return open.find((row) => openSubject(keyring, row).emails.includes(email.trim().toLowerCase()))
}

const context = (id: string) => `erasure:${id}:identifiers`

function openSubject(keyring: Keyring, { id, identifiers }: ErasureRow): Subject {
  const subject = JSON.parse(keyring.open(identifiers as Buffer, context(id)))
  return {
    ...subject,
    wallets: subject.wallets.map((wallet: { id: string }) => ({ ...wallet, id: BigInt(wallet.id) })),
  }
}

async function begin({ db, keyring, clock }: EraseDeps, actor: string, subject: Subject): Promise<ErasureRow> {
  const now = clock()
  const id = uuidV7(now)
  const text = JSON.stringify(subject, (_, value) => (typeof value === 'bigint' ? String(value) : value))
  const row = {
    id,
    party_id: subject.partyId,
    whole: subject.whole,
    pseudonym: `erased-${randomBytes(8).toString('hex')}`,
    principal: actor,
    begun_at: new Date(now),
    // What tells who it is goes while the work goes on: one that is cut off must know what to look for.
    identifiers: keyring.seal(text, context(id)),
  }
  await insertErasure(db, row)
  return { ...row, done_at: null, counts: {} }
}

/** @param notBegun is given what kept the accounts open, before anything is changed */
async function erase(
  deps: EraseDeps,
  actor: string,
  subject: Subject,
  erasure: ErasureRow,
  notBegun?: (error: unknown) => Promise<void>,
): Promise<Erased> {
  const { db, clock } = deps
  const { partyId, emails, whole } = subject
  const { identifiers, wallets, name } = pseudonymise(subject, erasure.pseudonym)
  const replacer = createReplacer(identifiers)
  // Whoever erases themselves does so under the name that is left.
  const by = replacer.text(actor)

  await closeAccounts(deps, by, partyId, whole, erasure.id).catch(notBegun)
  await db.transaction(async (sql) => {
    await endSessions(sql, emails)
    if (whole) await endAccess(sql, partyId, new Date(clock()))
  })
  const sealed = await destroySealed(deps, { partyId, emails, replacer })
  const accounts = subject.wallets.map(({ id }) => id)
  const transactions = await redactBooks(deps, { erasure: erasure.id, actor: by, accounts, replacer })
  const renamed = await db.transaction(async (sql) => {
    await deleteSignIns(sql, emails)
    if (whole) await renameParty(sql, partyId, name, wallets)
    return { rows: await replaceEverywhere(sql, replacer), number: await transactionNumber(sql) }
  })
  deps.directory?.forget?.()

  // Whoever read the old names just before may write them down just after, e.g. in a notification.
  await waitForOthers(db, renamed.number)
  const doneAt = new Date(clock())
  await blankAnswersThatSay(db, replacer.pattern)
  const counts = await db.transaction(async (sql) => {
    const rows = renamed.rows + (await replaceEverywhere(sql, replacer))
    const done = { transactions, rows, ...sealed, wallets: wallets.length, sign_ins: emails.length }
    await endErasure(sql, erasure.id, doneAt, done)
    return done
  })
  return shown(erasure, doneAt, counts)
}

async function waitForOthers(db: Database, number: string): Promise<void> {
  const deadline = performance.now() + PATIENCE
  while (!(await isOverBefore(db, number))) {
    if (performance.now() > deadline)
      throw new OperationRefusal('conflict', 'party_id', 'nearly done, but the database is busy: ask again to end it')
    await delay(20)
  }
}

const shown = (row: ErasureRow, doneAt: Date, counts: Record<string, number>): Erased => ({
  id: row.id,
  partyId: row.party_id,
  pseudonym: row.pseudonym,
  doneAt,
  counts,
})

/** Closed, an account moves no more: so no transaction comes after the last look at them. */
async function closeAccounts(
  deps: EraseDeps,
  actor: string,
  partyId: string,
  whole: boolean,
  erasure: string,
): Promise<void> {
  const wallets = whole ? await listOwnWallets(deps.db, partyId) : []
  const open = wallets.filter(({ status }) => status !== ACCOUNT_STATUS.closed)
  if (open.length === 0) return
  await submitForWallet(deps.ledger, {
    principal: actor,
    transaction: uuidV7(deps.clock()),
    kind: ERASURE_KIND,
    payload: JSON.stringify({ erasure }),
    legs: open.map(({ id }) => ({ type: 'change-account', account: id, status: 'closed' })),
  })
}

async function endAccess(sql: Sql, partyId: string, at: Date): Promise<void> {
  await endPartyAccess(sql, partyId, at)
  for (const id of await listPartyEndpoints(sql, partyId)) {
    await closeCursors(sql, id)
    await markEndpointDeleted(sql, id, at)
    await failWaiting(sql, id, at)
  }
  await blankEndpoints(sql, partyId)
}

/** Tables of the ledger have their own way. */
const BOOKS = new Set(['transaction', 'idempotency', 'wallet', 'party'])

/** @returns how many rows were changed */
async function replaceEverywhere(sql: Sql, replacer: Replacer): Promise<number> {
  const names = Object.entries(PERSONAL_COLUMNS)
    .filter(([name, { rule }]) => rule === 'replaced' && !BOOKS.has(tableOf(name)))
    .map(([name]) => name)
  const types = await readColumnTypes(sql, names)
  let rows = 0
  for (const [table, own] of Map.groupBy(types.keys(), tableOf)) {
    const columns = new Map(own.map((name) => [name.slice(table.length + 1), types.get(name) as string]))
    rows += await replaceTexts(sql, table, columns, replacer.pattern, replacer)
  }
  return rows
}

const tableOf = (name: string) => name.slice(0, name.indexOf('.'))
