import { html } from 'hono/html'
import { formatAmount } from '../../../domain/money.ts'
import { isUuid } from '../../../operations/input.ts'
import { partiesByName, partyOfEmail } from '../../../storage/console-parties.ts'
import {
  type ConsoleWallet,
  findConsoleWallet,
  listConsoleWallets,
  type WalletFilter,
} from '../../../storage/console-wallets.ts'
import { buttonRow, type Column, emptyState, field, linkButton, pageHeading, select } from '../../components.ts'
import { formatMoney } from '../../format.ts'
import type { Markup } from '../../layout.ts'
import type { Language } from '../../messages.ts'
import { sendConsole } from '../frame.ts'
import { consoleList, filterOf, PAGE_ROWS, sendCsv } from '../list.ts'
import type { ConsoleCall, ConsoleDeps } from '../route.ts'
import { link, readWalletId } from './parts.ts'
import { walletText as text } from './words.ts'

const NAMES = ['id', 'owner', 'currency', 'circle', 'kind', 'frozen'] as const
const OWNERS = 50

/** What the address asks for: one wallet, a filter, or (null) what cannot be there. */
type Wanted = { id: string } | { filter: WalletFilter } | null

async function wantedOf({ db }: Pick<ConsoleDeps, 'db'>, { query, user }: ConsoleCall): Promise<Wanted> {
  const own = user.role !== 'operator'
  const id = filterOf(query, 'id')
  if (id !== undefined) {
    const known = readWalletId(id)
    return known === null ? null : { id: known }
  }
  const owner = own ? undefined : filterOf(query, 'owner')
  const partyIds = own ? [user.partyId] : owner === undefined ? undefined : await ownersOf(db, owner)
  if (partyIds?.length === 0) return null
  return {
    filter: {
      partyIds,
      own,
      currency: filterOf(query, 'currency')?.toUpperCase(),
      circle: filterOf(query, 'circle')?.toLowerCase(),
      frozen: query.get('frozen') === 'yes',
      // Books are many and seldom wanted; whoever looks for an owner wants all of his.
      kept: own ? undefined : keptOf(query, partyIds !== undefined),
    },
  }
}

function keptOf(query: URLSearchParams, all: boolean): boolean | undefined {
  const kind = query.get('kind')
  if (kind === 'books') return true
  return kind === 'all' || all ? undefined : false
}

async function ownersOf(db: ConsoleDeps['db'], text: string): Promise<string[]> {
  if (isUuid(text)) return [text]
  if (text.includes('@')) {
    const party = await partyOfEmail(db, text)
    return party ? [party.id] : []
  }
  return (await partiesByName(db, text, { limit: OWNERS })).map(({ id }) => id)
}

async function read(deps: ConsoleDeps, call: ConsoleCall, wanted: Wanted, after: bigint | undefined, limit: number) {
  if (wanted === null) return []
  if ('filter' in wanted) return listConsoleWallets(deps.db, wanted.filter, { after, limit })
  if (after !== undefined) return []
  const wallet = await findConsoleWallet(deps.db, wanted.id, call.user.role === 'operator' ? null : call.user.partyId)
  return wallet ? [wallet] : []
}

const afterOf = (query: URLSearchParams): bigint | undefined => {
  const after = filterOf(query, 'after')
  return after !== undefined && /^\d{1,18}$/.test(after) ? BigInt(after) : undefined
}

export async function showWallets(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const { language, user, query } = call
  const wanted = await wantedOf(deps, call)
  const rows = await read(deps, call, wanted, afterOf(query), PAGE_ROWS + 1)
  const all = user.role === 'operator'
  const open = linkButton('/console/wallets/new', text(language, 'new-action'), 'primary')
  const list = consoleList(call, {
    path: '/wallets',
    caption: text(language, 'title'),
    columns: columnsFor(language, all),
    rows,
    cursor: ({ id }) => String(id),
    filters: { fields: filterFields(call, all), names: NAMES },
    csv: true,
    empty: all ? emptyState(text(language, 'empty'), open) : emptyState(text(language, 'empty-own')),
  })
  const heading = pageHeading(text(language, 'title'), {
    sub: text(language, all ? 'sub' : 'sub-own'),
    ...(all && { actions: buttonRow(open) }),
  })
  return sendConsole(deps, call, {
    title: text(language, 'title'),
    place: 'wallets',
    body: html`${heading}${list}`,
  })
}

function filterFields({ query, language }: ConsoleCall, all: boolean): Markup {
  const value = (name: string) => ({ name, value: query.get(name) ?? '', required: false, maxlength: 200 })
  return html`${field({ ...value('id'), label: text(language, 'search-id'), spellcheck: false })}${
    all
      ? field({
          ...value('owner'),
          label: text(language, 'search-owner'),
          placeholder: text(language, 'search-owner-hint'),
        })
      : ''
  }${field({ ...value('currency'), label: text(language, 'currency'), spellcheck: false })}${field({
    ...value('circle'),
    label: text(language, 'circle'),
    spellcheck: false,
  })}${
    all
      ? select({
          ...value('kind'),
          label: text(language, 'kind'),
          choices: [
            { value: '', label: text(language, 'kind-wallets') },
            { value: 'books', label: text(language, 'kind-books') },
            { value: 'all', label: text(language, 'any') },
          ],
        })
      : ''
  }${select({
    ...value('frozen'),
    label: text(language, 'only-frozen'),
    choices: [
      { value: '', label: text(language, 'any') },
      { value: 'yes', label: text(language, 'frozen') },
    ],
  })}`
}

const columnsFor = (language: Language, all: boolean): Column<ConsoleWallet>[] => [
  {
    label: text(language, 'wallet'),
    cell: ({ explicit_id }) => link(`/wallets/${explicit_id}`, html`<code>${explicit_id}</code>`),
  },
  ...(all
    ? [
        {
          label: text(language, 'owner'),
          cell: ({ party_id, owner }: ConsoleWallet) => link(`/parties/${party_id}`, owner),
        },
      ]
    : []),
  { label: text(language, 'circle'), cell: ({ circle }) => circle },
  { label: text(language, 'state'), cell: (wallet) => stateTags(wallet, language) },
  {
    label: text(language, 'balance'),
    numeric: true,
    cell: ({ balance, currency: code, exponent }) => formatMoney(balance, { code, exponent }, language),
  },
]

const STATES = ['open', 'frozen', 'closed'] as const

/** How a wallet stands, and whether it is nobody's to spend. */
export function stateTags({ status, kept }: Pick<ConsoleWallet, 'status' | 'kept'>, language: Language): Markup {
  const state = STATES[status] ?? 'open'
  const tone = state === 'open' ? 'good' : state === 'frozen' ? 'bad' : 'plain'
  return html`<span class="tag ${tone}">${text(language, state)}</span>${kept ? html` <span class="tag plain">${text(language, 'kept')}</span>` : ''}`
}

export async function downloadWallets(deps: ConsoleDeps, call: ConsoleCall): Promise<Response> {
  const wanted = await wantedOf(deps, call)
  return sendCsv(call, {
    name: 'wallets',
    header: [
      'id',
      'opaque_id',
      'party_id',
      'owner',
      'currency',
      'circle',
      'balance',
      'held',
      'lower',
      'upper',
      'state',
      'kept',
      'parent',
      'opened_at',
    ],
    cursor: ({ id }: ConsoleWallet) => String(id),
    read: (after) => read(deps, call, wanted, after === undefined ? undefined : BigInt(after), 1_000),
    line(wallet) {
      const amount = (minor: bigint | null) => (minor === null ? null : formatAmount(minor, wallet.exponent))
      return [
        wallet.explicit_id,
        wallet.opaque_id,
        wallet.party_id,
        wallet.owner,
        wallet.currency,
        wallet.circle,
        amount(wallet.balance),
        amount(wallet.held),
        amount(wallet.lower),
        amount(wallet.upper),
        STATES[wallet.status] ?? null,
        String(wallet.kept),
        wallet.parent,
        wallet.opened_at.toISOString(),
      ]
    },
  })
}
