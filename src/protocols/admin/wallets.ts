import { z } from 'zod'
import { changeWallet } from '../../operations/change-wallet.ts'
import { pageView, walletView } from '../../operations/directory-views.ts'
import { openWallet } from '../../operations/open-wallet.ts'
import { normalWalletId, showBalance, showStatement, showWallet } from '../../operations/show-wallet.ts'
import { listWalletsPage } from '../../storage/directory-listings.ts'
import { defined } from './defined.ts'
import { route } from './route.ts'
import { amount, DEFAULT_LIMIT, limit, numberCursor, page, pageLimit, timestamp, uuid, walletId } from './schema.ts'

const lower = limit.describe(
  'The balance less what is held never falls below it: 0 for cash, less for credit; null: no limit',
)
const upper = limit.describe('The balance never rises above it; null: no limit')

const OpenWallet = z
  .strictObject({
    id: z
      .string()
      .max(128)
      .describe('`namespace:number:currency`')
      .meta({ examples: ['us:8301234567:USD'] }),
    party_id: uuid.describe('The owner'),
    circle: z
      .string()
      .max(64)
      .optional()
      .describe('The community inside which the currency is money; `public` when left out'),
    exponent: z
      .int()
      .min(0)
      .max(8)
      .optional()
      .describe('Decimals of a currency outside ISO 4217, with its first wallet'),
    lower: lower.optional(),
    upper: upper.optional(),
    parent: walletId.optional().describe('The wallet that refills come from: same currency and circle'),
  })
  .describe('Without limits a wallet may hold anything from zero up')
  .meta({ examples: [{ id: 'us:8301234567:USD', party_id: '0197b6a0-0000-7000-8000-000000000000', upper: 5000 }] })

const ChangeWallet = z
  .strictObject({
    lower: lower.optional(),
    upper: upper.optional(),
    status: z
      .enum(['open', 'frozen', 'closed'])
      .optional()
      .describe('`frozen` pays nothing and still receives; `closed` is for good, and needs a balance of zero'),
    parent: walletId.nullable().optional().describe('null: none'),
  })
  .refine((input) => Object.keys(input).length > 0, 'name what to change')
  .refine((input) => input.parent === undefined || Object.keys(input).length === 1, {
    message: 'is changed by itself, so that a change happens whole or not at all',
    path: ['parent'],
  })
  .describe('Limits and status change together or not at all; the parent is changed in a request of its own')
  .meta({ minProperties: 1, examples: [{ lower: -100, upper: '2500.00' }, { status: 'frozen' }, { parent: null }] })

const Wallet = z.object({
  id: z.string(),
  opaque_id: z.string(),
  party_id: uuid,
  parent: z.string().nullable(),
  currency: z.string(),
  circle: z.string(),
  exponent: z.int(),
  status: z.enum(['open', 'frozen', 'closed']),
  balance: amount,
  held: amount,
  lower: limit,
  upper: limit,
  opened_at: timestamp,
})
const WalletPage = page(Wallet)

const Balance = z.object({
  wallet: z.string(),
  currency: z.string(),
  balance: amount,
  at: timestamp.nullable().describe('The moment asked for; null: now'),
})

const StatementLine = z.object({
  entry: z.int().describe('Number of the line in the history of this wallet'),
  reference: uuid.describe('The transaction'),
  kind: z.string().meta({ examples: ['payments'] }),
  amount: amount.describe('Negative: out of the wallet'),
  balance: amount.describe('After this line'),
  counterparty: z.string(),
  details: z.record(z.string(), z.unknown()).describe('What the caller said about the transaction'),
  at: timestamp,
})
const Statement = page(StatementLine).describe('Newest first')

export const walletSchemas = { OpenWallet, ChangeWallet, Wallet, WalletPage, Balance, StatementLine, Statement }

export const walletRoutes = [
  route({
    method: 'GET',
    path: '/wallets',
    scope: 'wallets:read',
    summary: 'List wallets with their balances',
    query: z.strictObject({
      limit: pageLimit,
      cursor: numberCursor,
      party_id: uuid.optional().describe('Only those of this owner'),
    }),
    output: WalletPage,
    async handle(deps, { query: { limit: most = DEFAULT_LIMIT, cursor, party_id: partyId } }) {
      const after = cursor === undefined ? undefined : BigInt(cursor)
      const rows = await listWalletsPage(deps.db, { after, limit: most + 1, partyId })
      return pageView(rows, most, walletView, (row) => String(row.id))
    },
  }),
  route({
    method: 'POST',
    path: '/wallets',
    scope: 'wallets:write',
    summary: 'Open a wallet at balance zero',
    status: 201,
    input: OpenWallet,
    output: Wallet,
    once: 'ledger',
    async handle(deps, { actor, input: { party_id: partyId, parent, ...rest }, keep }) {
      const above = parent === undefined ? {} : { parent: normalWalletId(parent, 'parent') }
      const input = { ...defined(rest), ...above, id: rest.id, partyId }
      const { listing } = await openWallet(deps, actor, input, (opened) => keep(walletView(opened)))
      return walletView(listing)
    },
  }),
  route({
    method: 'GET',
    path: '/wallets/{wallet_id}',
    scope: 'wallets:read',
    summary: 'Show a wallet with balance and limits',
    output: Wallet,
    handle: (deps, { params }) => showWallet(deps.db, params.wallet_id as string),
  }),
  route({
    method: 'PATCH',
    path: '/wallets/{wallet_id}',
    scope: 'wallets:write',
    summary: 'Change limits, status or parent of a wallet',
    input: ChangeWallet,
    output: Wallet,
    async handle(deps, { actor, params, input }) {
      const id = normalWalletId(params.wallet_id as string, 'id')
      const parent = input.parent ? { parent: normalWalletId(input.parent, 'parent') } : {}
      await changeWallet(deps, actor, id, { ...defined(input), ...parent })
      return showWallet(deps.db, id)
    },
  }),
  route({
    method: 'GET',
    path: '/wallets/{wallet_id}/balance',
    scope: 'ledger:read',
    summary: 'Balance of a wallet, now or at a moment',
    query: z.strictObject({
      at: z.iso
        .datetime({ offset: true })
        .optional()
        .describe('With `Z` or an offset: the balance after the last entry at or before this moment')
        .meta({ examples: ['2026-01-31T23:59:59.999Z'] }),
    }),
    output: Balance,
    handle: (deps, { params, query: { at } }) =>
      showBalance(deps.db, params.wallet_id as string, at === undefined ? undefined : new Date(at)),
  }),
  route({
    method: 'GET',
    path: '/wallets/{wallet_id}/statement',
    scope: 'ledger:read',
    summary: 'What went in and out of a wallet, newest first',
    query: z.strictObject({ limit: pageLimit, cursor: numberCursor }),
    output: Statement,
    handle: (deps, { params, query: { limit: most = DEFAULT_LIMIT, cursor } }) =>
      showStatement(deps.db, params.wallet_id as string, {
        ...(cursor === undefined ? {} : { before: BigInt(cursor) }),
        limit: most,
      }),
  }),
]
