import { formatAmount } from '../../domain/money.ts'
import type { CompromiseRow } from '../../storage/compromises.ts'
import * as looks from '../../storage/credential-uses.ts'
import type { Sql } from '../../storage/database.ts'
import { firstId } from '../../storage/order-listings.ts'
import { searchPurchases } from '../../storage/purchase-listings.ts'

export const USE_SOURCES = ['ledger', 'act', 'call', 'order', 'purchase', 'token', 'card', 'session'] as const
export type UseSource = (typeof USE_SOURCES)[number]

/** One thing that a credential was used for. */
export type Use = {
  readonly source: UseSource
  readonly at: Date
  /** what was done, in the words of where it is recorded */
  readonly what: string
  /** to what */
  readonly object: string
  /** `12.50 EUR`; null: no money */
  readonly amount: string | null
  /** under which name; null: is not recorded */
  readonly as: string | null
  /** the network address; null: is not recorded */
  readonly address: string | null
}

type Page = { readonly uses: readonly Use[]; readonly next: string | null }
type Read = (before: string | undefined) => Promise<Page>

/** The party for which other clients acted, where all of a party's uses are meant. */
export const behalfOf = ({ kind, party_id: partyId }: CompromiseRow): string | null =>
  kind === 'party' ? partyId : null

const money = (amount: bigint | null, exponent: number | null, code: string | null) =>
  amount === null || exponent === null ? null : `${formatAmount(amount, exponent)} ${code}`

const use = (source: UseSource, at: Date, what: string, object: string, more: Partial<Use> = {}): Use => ({
  source,
  at,
  what,
  object,
  amount: null,
  as: null,
  address: null,
  ...more,
})

/** When an id of version 7 was made. */
const madeAt = (id: string): Date => new Date(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16))

const mapped =
  <Row>(look: (before: string | undefined) => Promise<looks.Look<Row>>, read: (row: Row) => Use): Read =>
  async (before) => {
    const { rows, next } = await look(before)
    return { uses: rows.map(read), next }
  }

/** Where the uses of a credential are recorded, each to be read from the newest on. */
export async function useSourcesOf(db: Sql, compromise: CompromiseRow): Promise<readonly Read[]> {
  const { kind, target, principals, party_id: partyId, since } = compromise
  const who = { principals, behalf: behalfOf(compromise) }
  const sources: Read[] = [async () => ({ uses: compromise.sessions.map(sessionUse), next: null })]
  if (principals.length > 0) {
    sources.push(mapped((before) => looks.lookAtLedger(db, who, { since, before }), ledgerUse))
    sources.push(mapped((before) => looks.lookAtCards(db, who, { since, before }), cardUse))
  }
  if (kind === 'party' || kind === 'sign-in') {
    const email = kind === 'sign-in' ? target : null
    sources.push(mapped((before) => looks.lookAtActs(db, { partyId, email }, { since, before }), actUse))
  }
  if (kind === 'party' || kind === 'partner-credential' || kind === 'merchant-key') {
    const credentialId = kind === 'party' ? null : target
    sources.push(mapped((before) => looks.lookAtCalls(db, { partyId, credentialId }, { since, before }), callUse))
  }
  if (kind === 'party' || kind === 'client') {
    const clients = kind === 'client' ? [target] : clientsOf(principals)
    const of = { clients, behalf: behalfOf(compromise) }
    sources.push(mapped((before) => looks.lookAtTokens(db, of, { since, before }), tokenUse))
  }
  for (const of of await partnersOf(db, compromise))
    sources.push(mapped((before) => looks.lookAtOrders(db, of, { since, before }), orderUse))
  if (kind === 'party') sources.push(purchaseSource(db, { partyId }, since))
  if (kind === 'merchant') sources.push(purchaseSource(db, { merchantId: target }, since))
  return sources
}

const clientsOf = (principals: readonly string[]) =>
  principals.filter((name) => name.startsWith('client:')).map((name) => name.slice('client:'.length))

async function partnersOf(
  db: Sql,
  { kind, target, party_id }: CompromiseRow,
): Promise<{ partnerId: string; protocol: string | null }[]> {
  if (kind === 'party')
    return (await looks.listPartnersOf(db, party_id)).map((partnerId) => ({ partnerId, protocol: null }))
  if (kind === 'jackpot-account') return [{ partnerId: target, protocol: 'jackpot' }]
  const known = kind === 'partner-credential' ? await looks.findCredentialOfPartner(db, target) : undefined
  return known ? [{ partnerId: known.partner_id, protocol: known.protocol }] : []
}

const PAGE = 500

function purchaseSource(db: Sql, of: { partyId: string } | { merchantId: string }, since: Date): Read {
  return async (before) => {
    const rows = await searchPurchases(db, {
      ...of,
      from: { at: since, id: firstId(since) },
      after: before,
      limit: PAGE,
    })
    const uses = rows.map((row) =>
      use('purchase', row.created_at, row.state, row.reference, { amount: money(row.amount, row.exponent, row.code) }),
    )
    return { uses, next: rows.length === PAGE ? (rows.at(-1)?.id ?? null) : null }
  }
}

const ledgerUse = (row: looks.LedgerUse): Use =>
  use('ledger', row.at, row.kind, row.source === null ? row.id : `${row.source} → ${row.target ?? '?'}`, {
    amount: money(row.amount, row.exponent, row.code),
    as: row.principal,
  })
const cardUse = (row: looks.CardUse): Use => use('card', row.at, row.what, row.card_id, { as: row.principal })
const actUse = (row: looks.ActUse): Use =>
  use('act', row.at, `${row.act} (${row.outcome ?? '?'})`, row.object, { address: row.address })
const callUse = (row: looks.CallUse): Use =>
  use('call', row.at, `${row.method} ${row.route} ${row.status}`, row.request_id ?? '', { address: row.address })
const orderUse = (row: looks.OrderUse): Use =>
  use('order', row.at, row.status, row.request_id, { amount: money(row.amount, row.exponent, row.code) })
const tokenUse = (row: looks.TokenUse): Use =>
  use('token', madeAt(row.id), row.rotated_at ? `renewed ${row.rotated_at.toISOString()}` : 'issued', row.party_id, {
    as: `client:${row.client_id}`,
  })
const sessionUse = (row: CompromiseRow['sessions'][number]): Use =>
  use('session', new Date(row.seen), row.device, row.email, { address: row.address })

/** Newest first, over all places. `looked`: how many there were to look at; `more`: there may be more than is shown. */
export async function newestUses(
  db: Sql,
  compromise: CompromiseRow,
  limit: number,
): Promise<{ uses: Use[]; more: boolean }> {
  const sources = await useSourcesOf(db, compromise)
  const pages = await Promise.all(sources.map((read) => read(undefined)))
  const uses = pages.flatMap((page) => page.uses).sort((a, b) => b.at.getTime() - a.at.getTime())
  return { uses: uses.slice(0, limit), more: uses.length > limit || pages.some(({ next }) => next !== null) }
}

/** A use, with where the reading goes on after it. */
export type ReadUse = Use & { readonly cursor: string }

/** All of them, place after place, a page at a time; an empty page is the end. @param cursor of the last one read */
export async function readUses(db: Sql, compromise: CompromiseRow, cursor: string | undefined): Promise<ReadUse[]> {
  const sources = await useSourcesOf(db, compromise)
  const [place = '0', from] = (cursor ?? '0').split('|')
  let before = from || undefined
  for (let index = Number(place); index < sources.length; ) {
    const { uses, next } = await (sources[index] as Read)(before)
    const goesOn = next === null ? `${index + 1}|` : `${index}|${next}`
    if (uses.length > 0) return uses.map((it) => ({ ...it, cursor: goesOn }))
    before = next ?? undefined
    if (next === null) index += 1
  }
  return []
}
