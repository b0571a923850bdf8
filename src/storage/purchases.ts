import type { PartState, PurchaseState } from '../domain/purchase.ts'
import type { Day, PlanTerms } from '../domain/schedule.ts'
import type { Sql } from './database.ts'
import { purchaseCreatedTelling } from './event-facts.ts'

/** How a purchase came: by a link that was asked for, from a signed or plain address, or as a transfer. */
export type PurchaseVia = 'link' | 'front' | 'transfer'

/** What a person accepted. */
export type AcceptedPlan = { readonly name: string; readonly terms: PlanTerms; readonly feeBp: number }

/** A purchase as it stands; amounts in minor units. */
export type Purchase = {
  readonly id: string
  /** `pur_…` */
  readonly uid: string
  readonly merchantId: string
  readonly reference: string
  readonly via: PurchaseVia
  readonly amount: bigint
  readonly assetId: number
  readonly title: string
  readonly secondDate: Day | null
  /** sealed for `purchase:ID:details` */
  readonly details: Buffer
  readonly state: PurchaseState
  readonly createdAt: Date
  readonly expiresAt: Date
  /** when it was accepted, cancelled or expired; of the due clock */
  readonly decidedAt: Date | null
  readonly decidedBy: string | null
  /** of who accepted it */
  readonly requestKey: string | null
  readonly partyId: string | null
  readonly walletId: bigint | null
  readonly plan: AcceptedPlan | null
  readonly authorizedUntil: Date | null
  /** when the merchant was paid, or what was held was released */
  readonly settledAt: Date | null
  readonly settledBy: string | null
  /** what the merchant was paid */
  readonly captured: bigint | null
  readonly credited: bigint
}

const PURCHASE = `p.id, p.uid, p.merchant_id as "merchantId", p.reference, p.via, p.amount, p.asset_id as "assetId", p.title,
  p.second_date::text as "secondDate", p.details, p.state, p.created_at as "createdAt", p.expires_at as "expiresAt",
  p.decided_at as "decidedAt", p.decided_by as "decidedBy", p.request_key as "requestKey", p.party_id as "partyId",
  p.wallet_id as "walletId", p.plan as "planName", p.terms, p.authorized_until as "authorizedUntil",
  p.settled_at as "settledAt", p.settled_by as "settledBy", p.captured, p.credited`

type PurchaseRow = Omit<Purchase, 'plan'> & { planName: string | null; terms: (PlanTerms & { feeBp: number }) | null }

function readPurchase({ planName, terms, ...row }: PurchaseRow): Purchase {
  if (planName === null || terms === null) return { ...row, plan: null }
  const { feeBp, ...rest } = terms
  return { ...row, plan: { name: planName, terms: rest, feeBp } }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** @param by whatever its text: what is no id is none's */
export async function findPurchase(
  sql: Sql,
  by: { uid: string } | { id: string } | { linkHash: Buffer },
): Promise<Purchase | undefined> {
  if ('id' in by && !UUID.test(by.id)) return undefined
  const [column, value] = 'id' in by ? ['id', by.id] : 'uid' in by ? ['uid', by.uid] : ['link_hash', by.linkHash]
  const rows = await sql.query<PurchaseRow>(`select ${PURCHASE} from purchase p where p.${column} = $1`, [value])
  return rows[0] && readPurchase(rows[0])
}

/** Newest first. @param page.before id of the last one seen */
export async function listPurchases(
  sql: Sql,
  of: { merchantId: string } | { partyId: string },
  { before, limit }: { before?: string | undefined; limit: number },
): Promise<Purchase[]> {
  const [column, value] = 'merchantId' in of ? ['merchant_id', of.merchantId] : ['party_id', of.partyId]
  const rows = await sql.query<PurchaseRow>(
    `select ${PURCHASE} from purchase p where p.${column} = $1 and ($2::uuid is null or p.id < $2) order by p.id desc limit $3`,
    [value, before ?? null, limit],
  )
  return rows.map(readPurchase)
}

/** Purchases whose time is over: open links, and authorizations that nobody captured; oldest first. */
export async function listOverduePurchases(
  sql: Sql,
  what: 'created' | 'authorized',
  { now, after, limit }: { now: Date; after: string | null; limit: number },
): Promise<Purchase[]> {
  const until = what === 'created' ? 'expires_at' : 'authorized_until'
  const rows = await sql.query<PurchaseRow>(
    `select ${PURCHASE} from purchase p
     where p.state = '${what}' and p.${until} <= $1 and ($2::uuid is null or p.id > $2) order by p.id limit $3`,
    [now, after, limit],
  )
  return rows.map(readPurchase)
}

/** Whether the merchant was paid, or is to be paid, under this reference. @param except the id of a purchase that does not count */
export async function isReferenceUsed(
  sql: Sql,
  { merchantId, reference, except }: { merchantId: string; reference: string; except?: string },
): Promise<boolean> {
  const rows = await sql.query(
    `select from purchase_reference
     where merchant_id = $1 and reference = $2 and ($3::uuid is null or purchase_id <> $3)`,
    [merchantId, reference, except ?? null],
  )
  return rows.length === 1
}

export type NewPurchase = Pick<
  Purchase,
  | 'id'
  | 'uid'
  | 'merchantId'
  | 'reference'
  | 'via'
  | 'amount'
  | 'assetId'
  | 'title'
  | 'secondDate'
  | 'details'
  | 'createdAt'
  | 'expiresAt'
> & { readonly linkHash: Buffer }

export async function insertPurchase(sql: Sql, row: NewPurchase): Promise<void> {
  await sql.query(
    `with made as (
       insert into purchase (id, uid, merchant_id, reference, via, amount, asset_id, title, second_date, details, link_hash,
         created_at, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) returning *
     ), ${purchaseCreatedTelling} select from made`,
    [
      row.id,
      row.uid,
      row.merchantId,
      row.reference,
      row.via,
      row.amount,
      row.assetId,
      row.title,
      row.secondDate,
      row.details,
      row.linkHash,
      row.createdAt,
      row.expiresAt,
    ],
  )
}

/** One part of a schedule; minor units. */
export type PurchasePart = {
  readonly id: string
  readonly purchaseId: string
  /** from 1 */
  readonly number: number
  readonly amount: bigint
  readonly fee: bigint
  readonly dueOn: Day
  readonly paid: bigint
  readonly feePaid: bigint
  /** cancelled by credits */
  readonly reduced: bigint
  readonly state: PartState
  /** that failed */
  readonly attempts: number
  readonly nextAttemptAt: Date | null
  /** transaction */
  readonly paidBy: string | null
  readonly requestKey: string | null
}

const PART = `s.id, s.purchase_id as "purchaseId", s.number, s.amount, s.fee, s.due_on::text as "dueOn", s.paid,
  s.fee_paid as "feePaid", s.reduced, s.state, s.attempts, s.next_attempt_at as "nextAttemptAt", s.paid_by as "paidBy",
  s.request_key as "requestKey"`

/** In the order of their numbers; none before it is paid out. */
export async function listParts(sql: Sql, purchaseId: string): Promise<PurchasePart[]> {
  return sql.query<PurchasePart>(`select ${PART} from purchase_part s where s.purchase_id = $1 order by s.number`, [
    purchaseId,
  ])
}

export async function findPart(sql: Sql, id: string): Promise<PurchasePart | undefined> {
  return (await sql.query<PurchasePart>(`select ${PART} from purchase_part s where s.id = $1`, [id]))[0]
}

/** Parts whose time has come; goes on behind `after`, so that one that cannot be collected does not stop the others. */
export async function listDueParts(
  sql: Sql,
  { now, after, limit }: { now: Date; after: { at: Date; id: string } | null; limit: number },
): Promise<PurchasePart[]> {
  return sql.query<PurchasePart>(
    `select ${PART} from purchase_part s
     where s.state in ('scheduled', 'late') and s.next_attempt_at <= $1
       and ($2::timestamptz is null or (s.next_attempt_at, s.id) > ($2::timestamptz, $3::uuid))
     order by s.next_attempt_at, s.id limit $4`,
    [now, after?.at ?? null, after?.id ?? null, limit],
  )
}

/** Whether the person owes something to this financing account that an attempt to collect has failed for. */
export async function hasOverdueParts(sql: Sql, partyId: string, financing: bigint): Promise<boolean> {
  const rows = await sql.query(
    `select from purchase p join merchant m on m.id = p.merchant_id join purchase_part s on s.purchase_id = p.id
     where p.party_id = $1 and m.financing_id = $2 and s.state in ('late', 'failed') limit 1`,
    [partyId, financing],
  )
  return rows.length === 1
}

/**
 * Counts an attempt that failed, if nobody has counted it and nothing has changed meanwhile.
 * @param next null: none comes any more. @returns false when somebody else was first
 */
export async function countFailedAttempt(
  sql: Sql,
  part: Pick<PurchasePart, 'id' | 'attempts'>,
  next: Date | null,
): Promise<boolean> {
  const rows = await sql.query(
    `update purchase_part set attempts = attempts + 1, state = case when $3::timestamptz is null then 'failed' else 'late' end,
       next_attempt_at = $3
     where id = $1 and attempts = $2 and state in ('scheduled', 'late') returning id`,
    [part.id, part.attempts, next],
  )
  return rows.length === 1
}

export type PurchaseHold = {
  readonly id: string
  readonly source: bigint
  readonly target: bigint
  readonly amount: bigint
  readonly role: 'amount' | 'first-part' | 'first-fee'
}

export async function listPurchaseHolds(sql: Sql, purchaseId: string): Promise<PurchaseHold[]> {
  return sql.query<PurchaseHold>(
    'select id, source, target, amount, role from purchase_hold where purchase_id = $1 order by role',
    [purchaseId],
  )
}

/** Given back to who paid, or taken off what was still owed; the id is the transaction's. */
export type PurchaseCredit = {
  readonly id: string
  readonly amount: bigint
  readonly toFinancing: bigint
  readonly toWallet: bigint
  readonly requestKey: string | null
  readonly at: Date
}

/** Oldest first. */
export async function listCredits(sql: Sql, purchaseId: string): Promise<PurchaseCredit[]> {
  return sql.query<PurchaseCredit>(
    `select id, amount, to_financing as "toFinancing", to_wallet as "toWallet", request_key as "requestKey", at
     from purchase_credit where purchase_id = $1 order by id`,
    [purchaseId],
  )
}
