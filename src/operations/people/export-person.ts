import type { Keyring } from '../../credentials/keyring.ts'
import { type Mail, mailContext } from '../../mail/mailer.ts'
import type { Database } from '../../storage/database.ts'
import {
  MEMBER_SECTIONS,
  PERSON_SECTIONS,
  readPersonEntries,
  readPersonPurchases,
  readSection,
} from '../../storage/person-sections.ts'
import { readSealedMails } from '../../storage/sealed-details.ts'
import { openDetails } from '../purchases/purchase-details.ts'
import { requireSubject, type Subject } from './subject.ts'

export type ExportDeps = { db: Database; keyring: Keyring; clock: () => number }

export type PersonRow = Readonly<Record<string, unknown>>

const PAGE = 1_000

/**
 * Everything of a person, part by part, as it is read: memory does not grow with a history. Neither secrets nor hashes of them; of
 * others only the ids of wallets that the person has to do with.
 * @throws {OperationRefusal} before the first part
 */
export async function* readPerson(
  deps: ExportDeps,
  who: { partyId: string; email?: string | undefined },
): AsyncGenerator<{ section: string; rows: readonly PersonRow[] }> {
  const { db } = deps
  const subject = await requireSubject(db, who)
  const accounts = subject.wallets.filter(({ kept }) => !kept).map(({ id }) => id)
  const keys = { partyId: subject.partyId, emails: subject.emails, accounts }
  for (const section of PERSON_SECTIONS) {
    if (!subject.whole && !MEMBER_SECTIONS.has(section.name)) continue
    yield { section: section.name, rows: (await readSection(db, section, keys)).map(readable) }
  }
  if (subject.whole) yield { section: 'purchases', rows: await purchasesOf(deps, subject) }
  yield { section: 'mails', rows: await mailsTo(deps, subject) }
  if (!subject.whole) return
  for (const account of accounts) {
    for (let after = 0n; ; ) {
      const entries = await readPersonEntries(db, account, after, PAGE)
      yield {
        section: 'transactions',
        rows: entries.map(({ account_id, seq, ...row }) => readable({ entry: seq, ...row })),
      }
      if (entries.length < PAGE) break
      after = (entries.at(-1) as { seq: bigint }).seq
    }
  }
}

async function purchasesOf({ db, keyring }: ExportDeps, { partyId }: Subject): Promise<PersonRow[]> {
  const rows = await readPersonPurchases(db, partyId)
  return rows.map(({ id, details, ...row }) => readable({ ...row, said_of_you: openDetails(keyring, { id, details }) }))
}

/** Those that wait to be sent, or lie in the sandbox's outbox. */
async function mailsTo({ db, keyring }: ExportDeps, { emails }: Subject): Promise<PersonRow[]> {
  const mails: PersonRow[] = []
  for await (const page of readSealedMails(db)) {
    for (const { id, sealed } of page) {
      const { to, subject } = JSON.parse(keyring.open(sealed, mailContext(id))) as Mail
      // A text may hold a link that opens the account.
      if (emails.includes(to.toLowerCase())) mails.push({ to, subject })
    }
  }
  return mails
}

const readable = (row: Record<string, unknown>): PersonRow =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === 'bigint' ? String(value) : value instanceof Date ? value.toISOString() : value,
    ]),
  )

/** The whole as one JSON document, in pieces. A section that comes in several parts becomes one list. */
export async function* personAsJson(
  deps: ExportDeps,
  who: { partyId: string; email?: string | undefined },
): AsyncGenerator<string> {
  const parts = readPerson(deps, who)
  const first = await parts.next()
  yield `{\n"format": "billfold-person-1",\n"exported_at": ${JSON.stringify(new Date(deps.clock()).toISOString())}`
  let open: string | null = null
  let empty = true
  for (let part = first; !part.done; part = await parts.next()) {
    const { section, rows } = part.value
    if (section !== open) {
      yield `${open === null ? '' : '\n]'},\n${JSON.stringify(section)}: [`
      open = section
      empty = true
    }
    for (const row of rows) {
      yield `${empty ? '' : ','}\n${JSON.stringify(row)}`
      empty = false
    }
  }
  yield `${open === null ? '' : '\n]'}\n}\n`
}

/** The same in memory, for callers who want one value. */
export async function exportPerson(
  deps: ExportDeps,
  who: { partyId: string; email?: string | undefined },
): Promise<Record<string, unknown>> {
  let text = ''
  for await (const piece of personAsJson(deps, who)) text += piece
  return JSON.parse(text) as Record<string, unknown>
}
