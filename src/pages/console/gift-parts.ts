import { html } from 'hono/html'
import { requirePartnerListing } from '../../operations/gift-cards/require-brand.ts'
import { isUuid } from '../../operations/input.ts'
import { findPartnerListing, type PartnerListing } from '../../storage/partners.ts'
import type { Markup } from '../layout.ts'
import type { Language } from '../messages.ts'
import { PageProblem } from '../problem.ts'
import { found } from './act-form.ts'
import { type GiftWord, giftText } from './gift-words.ts'
import { filterOf } from './list.ts'
import type { ConsoleCall, ConsoleDeps } from './route.ts'

const GOOD = ['succeeded', 'active', 'enabled', 'approved', 'approved_edited', 'live', 'done', 'delivered']
const BAD = ['failed', 'blocked', 'disabled']

/** How something stands, in a word that also has a colour. */
export function statusTag(status: string, language: Language): Markup {
  const kind = GOOD.includes(status) ? 'good' : BAD.includes(status) ? 'bad' : 'plain'
  return html`<span class="tag ${kind}">${giftText(language, `st-${status}` as GiftWord)}</span>`
}

/** @param path below `/console` */
export const link = (path: string, label: Markup | string): Markup => html`<a href="/console${path}">${label}</a>`

/** Of a card's code nothing is shown but its end. */
export const masked = (tail: string): Markup => html`<code class="whole">••••${tail}</code>`

/** A choice with "any" before it. */
export const anyOf = (language: Language, values: readonly string[], prefix: 'st' | 'su' = 'st') => [
  { value: '', label: giftText(language, 'any') },
  ...values.map((value) => ({ value, label: giftText(language, `${prefix}-${value}` as GiftWord) })),
]

/** A filter that is one of these words. */
export function oneOf<T extends string>(query: URLSearchParams, name: string, values: readonly T[]): T | undefined {
  const value = filterOf(query, name)
  return values.find((known) => known === value)
}

/** The cursor of a list whose rows have UUIDs. */
export function uuidAfter(query: URLSearchParams): string | undefined {
  const after = filterOf(query, 'after')
  return after !== undefined && isUuid(after) ? after : undefined
}

/** The beginning of a day (UTC) that a filter names. @param later so many days after it */
export function dayOf(query: URLSearchParams, name: string, later = 0): Date | undefined {
  const text = filterOf(query, name)
  if (text === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined
  const time = Date.parse(`${text}T00:00:00Z`)
  return Number.isNaN(time) ? undefined : new Date(time + later * 86_400_000)
}

/** Whose things a list shows: of all for an operator, else of the own business. */
export const partyOf = ({ user }: ConsoleCall): string | undefined =>
  user.role === 'operator' ? undefined : user.partyId

/** A partner that the reader may see. @throws {PageProblem} `not-found` for another business's */
export async function visiblePartner(deps: ConsoleDeps, call: ConsoleCall, id: string): Promise<PartnerListing> {
  const partner = await found(requirePartnerListing(deps.db, id))
  if (call.user.role !== 'operator' && partner.partyId !== call.user.partyId) throw new PageProblem('not-found')
  return partner
}

/** A filter that names a partner by its slug. @returns null: there is none that the reader may see */
export async function partnerFilter(deps: ConsoleDeps, call: ConsoleCall): Promise<string | null | undefined> {
  const slug = filterOf(call.query, 'partner')?.toLowerCase()
  if (slug === undefined) return undefined
  const partner = await findPartnerListing(deps.db, slug)
  const visible = partner && (call.user.role === 'operator' || partner.partyId === call.user.partyId)
  return visible ? partner.id : null
}
