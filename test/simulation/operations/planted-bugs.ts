import { randomUUID } from 'node:crypto'
import type { Leg } from '../../../src/domain/posting.ts'
import type { Command, Ledger } from '../../../src/ledger/command.ts'
import type { Sql } from '../../../src/storage/database.ts'
import type { Plant } from './installation.ts'

/** What is sent to the ledger is not what was decided. */
const sent = (change: (command: Command) => Command): Plant => ({
  ledger: (ledger): Ledger => ({ ...ledger, submit: (command) => ledger.submit(change(command)) }),
})

/** Of commands of a kind, the legs are others. */
const legs = (kinds: readonly string[], change: (leg: Leg, command: Command) => Leg[]): Plant =>
  sent((command) =>
    kinds.includes(command.kind) ? { ...command, legs: command.legs.flatMap((leg) => change(leg, command)) } : command,
  )

/** A row that should have been written is not. */
const withoutEffect = (name: string): Plant =>
  sent((command) => ({ ...command, effects: (command.effects ?? []).filter(({ effect }) => effect.name !== name) }))

/** A row is written with another value. */
const withRow = (name: string, change: (row: readonly (string | null)[]) => (string | null)[]): Plant =>
  sent((command) => ({
    ...command,
    effects: (command.effects ?? []).map((one) => {
      if (one.effect.name !== name) return one
      const { row } = one
      return { ...one, row: typeof row === 'function' ? (decided) => change(row(decided)) : change(row) }
    }),
  }))

/** What a process finds in the database is not what is there. */
const found = (part: string, change: (row: Record<string, unknown>) => Record<string, unknown>): Plant => ({
  deps: (deps) => ({
    ...deps,
    db: {
      ...deps.db,
      async query<Row>(text: string, values?: unknown[]) {
        const rows = await deps.db.query<Row>(text, values)
        return text.includes(part) ? rows.map((row) => change(row as Record<string, unknown>) as Row) : rows
      },
    },
  }),
})

/** A statement is another one. */
const asked = (part: string, change: (text: string) => string): Plant => {
  const changed = <T extends Sql>(sql: T): T => ({
    ...sql,
    query: <Row>(text: string, values?: unknown[]) => sql.query<Row>(text.includes(part) ? change(text) : text, values),
  })
  return {
    deps: (deps) => ({
      ...deps,
      db: { ...changed(deps.db), transaction: (work) => deps.db.transaction((sql) => work(changed(sql))) },
    }),
  }
}

const SOMEBODY = '00000000-0000-7000-8000-000000000001'
const plus = (leg: Leg, more: bigint): Leg => ('amount' in leg ? { ...leg, amount: leg.amount + more } : leg)

/**
 * What an engineer might break in an operation. Each is put between the operations and what they use, on the real database with all
 * of its constraints but those that the bug takes away; each must be found within a thousand lives.
 */
export const PLANTED_BUGS: Readonly<Record<string, Plant>> = {
  'keys are not looked at': sent(({ key: _, ...command }) => command),
  'a key is good for any content': sent((command) =>
    command.key ? { ...command, key: { ...command.key, hash: '0'.repeat(32) } } : command,
  ),
  'refunds of a payment are not added up': withoutEffect('refund-counted'),
  'an invoice that was paid stays open': withoutEffect('invoice-settled'),
  'a transaction token is not used up': withoutEffect('transaction-token-ended'),
  'refills are not counted': withoutEffect('refill-counted'),
  'what operators move alone is not counted': withoutEffect('funding-used'),
  'the second person may be the first': withRow(
    'funding-decided',
    (row) => [row[0], row[1], 'x@y', SOMEBODY, row[4]] as (string | null)[],
  ),
  'a purchase that is released goes on to hold': legs(['purchase-release'], (leg) =>
    leg.type === 'release' ? [] : [leg],
  ),
  'a capture pays one less and keeps it': legs(['purchase-capture'], (leg) =>
    leg.type === 'capture' && leg.amount > 1n ? [plus(leg, -1n)] : [leg],
  ),
  'the remainder is in the last part': legs(['purchase'], (leg, { payload }) =>
    'amount' in leg && /"plan":"(three|four)"/.test(payload) && leg.amount % 3n === 1n ? [plus(leg, -1n)] : [leg],
  ),
  'fees are not paid with their instalment': legs(['purchase-instalment', 'purchase-payment'], (leg, { legs: all }) =>
    all.indexOf(leg) % 2 === 1 && all.length === 2 ? [] : [leg],
  ),
  'credits of a purchase are not added up': withoutEffect('purchase-credited'),
  'a credit cancels nothing that is owed': withoutEffect('purchase-part-reduced'),
  'an authorization never ends': found('authorized_until', (row) => ({ ...row, authorizedUntil: null })),
  'a reference is good for ever': withoutEffect('purchase-reference-used'),
  'a discount is rounded up': legs(['gift-card', 'gift-card-order'], (leg, { legs: all }) =>
    'amount' in leg && leg === all[0] && leg.amount % 10n !== 0n ? [plus(leg, -1n)] : [leg],
  ),
  'an order that fails goes on to hold its price': legs(['gift-card-failure'], (leg) =>
    leg.type === 'release' ? [] : [leg],
  ),
  'a hold on a card is captured and stays': legs(['card-redemption'], (leg) =>
    leg.type === 'capture' ? [{ type: 'transfer', source: leg.source, target: leg.target, amount: leg.amount }] : [leg],
  ),
  'refunds onto a card are not added up': withoutEffect('redemption-refunded'),
  'a card never expires': found('from card c join account a', (row) => ({ ...row, expires_at: null })),
  'a card that has ended keeps its account': legs(['card-expiry', 'gift-card-cancellation'], (leg) =>
    leg.type === 'change-account' ? [] : [leg],
  ),
  'a blocked card can be spent': legs(['card-status'], () => []),
  'a limit that is set stays as it was': legs(['wallet-change'], (leg) =>
    'upper' in leg || 'lower' in leg ? [] : [leg],
  ),
  'a token opens a session again': asked('insert into jackpot_token', (text) =>
    text.replace('from used', 'from (select 1) as used'),
  ),
  'a step of a voucher is not kept': withoutEffect('voucher-stepped'),
  'what the operator adds is not paid': legs(['gift-card', 'voucher-confirmation'], (leg, { legs: all }) =>
    leg.type === 'capture' && all.indexOf(leg) === 1
      ? [{ type: 'release', hold: leg.hold, source: leg.source, target: leg.target }]
      : [leg],
  ),
  'a voucher that is cancelled goes on to hold what the operator adds': legs(
    ['gift-card-failure'],
    (leg, { legs: all }) => (leg.type === 'release' && all.indexOf(leg) === 1 ? [] : [leg]),
  ),
  'an upstream is asked under another id each time': { deps: (deps) => ({ ...deps, vendorId: () => randomUUID() }) },
  'a request of a partner is good for twice': withoutEffect('partner-requested'),
  'who asks for money approves it': found('from float_request', (row) => ({ ...row, party_id: SOMEBODY })),
  'money that is asked for is given twice': withoutEffect('float-request-decided'),
  'limits of a day count nothing': withoutEffect('velocity-used'),
  'limits of a day count for the partner alone': sent((command) => ({
    ...command,
    effects: (command.effects ?? []).filter(
      ({ effect, row }) => effect.name !== 'velocity-used' || typeof row === 'function' || row[6] === 'partner',
    ),
  })),
  'a limit by card is one for all cards': withRow('velocity-used', (row) =>
    row[6] === 'card' ? row.with(1, 'any') : [...row],
  ),
  'a card that is cashed out stays open': legs(['gift-card-cash-out'], (leg) =>
    leg.type === 'change-account' ? [] : [leg],
  ),
  'cash-out is rounded up': legs(['gift-card-cash-out'], (leg, { legs: all }) =>
    leg === all.at(-1) && 'amount' in leg && leg.amount % 5n !== 0n ? [plus(leg, 1n)] : [leg],
  ),
  'a top-up is taken back twice': withoutEffect('order-cancelled'),
  'a plastic card that is sent is not paid': legs(['gift-card'], (leg, { legs: all }) =>
    leg.type === 'capture' && all.length > 2 && leg.amount % 2n === 1n ? [plus(leg, -1n)] : [leg],
  ),
  'codes of an upload are worked off again': asked('insert into stock_import_batch', (text) =>
    text.replace('do nothing', '(import_id, first_line) do update set lines = 0'),
  ),
  'an upload is never over': asked('update stock_import i set', (text) => text.replace("'done'", "'running'")),
}
