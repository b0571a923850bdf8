import type { Asset } from '../domain/asset.ts'
import type { AccountState, HoldState } from '../domain/posting.ts'
import type { Step } from '../storage/pipeline.ts'
import type { Effect, EffectRow } from './command.ts'
import {
  ACCOUNT_STATUS,
  accountChangeLine,
  digestOf,
  HOLD_STATUS,
  holdEndedLine,
  holdOpenedLine,
  idempotencyDigest,
  LINE,
  transactionLine,
  transferLine,
} from './lines.ts'
import type { Write } from './store.ts'

/** Texts travel as one string cut at this character, which JSON text cannot hold bare and the edge refuses in keys. */
const CUT = '\u001f'

/** Begins the name of a statement that writes an effect. */
export const EFFECT_STEP = 'effect-'

const numbers = (values: readonly (bigint | number | string | null)[]) => `{${values.map((v) => v ?? 'null').join()}}`
const texts = (values: readonly string[]) => values.join(CUT)

const insertTransactions = `
insert into transaction (id, kind, principal, payload, digest, at, stream, seq)
select id, kind, principal, payload, digest, timestamptz 'epoch' + $6::bigint * interval '1 millisecond', $7::int, $8::bigint
from unnest($1::uuid[], string_to_array($2, chr(31)), string_to_array($3, chr(31)), string_to_array($4, chr(31)), $5::uuid[])
  as t (id, kind, principal, payload, digest)`

const insertTransfers = `
insert into transfer (transaction_id, leg, source, target, amount, asset_id)
select * from unnest($1::uuid[], $2::smallint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::int[])`

const insertEntries = `
insert into entry (account_id, seq, amount, balance, transaction_id, leg, at)
select *, timestamptz 'epoch' + $7::bigint * interval '1 millisecond'
from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::uuid[], $6::smallint[])`

const updateBalances = `
update account a set balance = u.balance, held = u.held, incoming = u.incoming, entries = u.entries,
  changed_at = timestamptz 'epoch' + $6::bigint * interval '1 millisecond'
from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[]) as u (id, balance, held, incoming, entries)
where a.id = u.id`

// Locks what it changes, in the order of the ids, and fails if one account or the journal is not what the batch was decided on.
const updateForeseen = `
with updated as (
  update account a set balance = u.balance, entries = u.entries,
    changed_at = case when a.entries = u.entries then a.changed_at
      else greatest(a.changed_at, timestamptz 'epoch' + $6::bigint * interval '1 millisecond') end
  from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $7::int[])
    as u (id, balance, entries, balance_before, entries_before, version)
  where a.id = u.id and a.balance = u.balance_before and a.entries = u.entries_before and a.version = u.version
    and a.held = 0 and a.incoming = 0
  returning 1
)
select 1 / ((select count(*) from updated) = cardinality($1::bigint[])
    and coalesce((select hash = decode($10, 'hex') from journal where stream = $8::int and seq = $9::bigint), false))::int,
  floor(extract(epoch from clock_timestamp()) * 1000)::bigint`

const updateAccounts = `
update account a set balance = u.balance, held = u.held, incoming = u.incoming, entries = u.entries,
  lower = u.lower, upper = u.upper, status = u.status, version = u.version,
  changed_at = timestamptz 'epoch' + $6::bigint * interval '1 millisecond'
from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $7::bigint[], $8::bigint[], $9::smallint[], $10::int[])
  as u (id, balance, held, incoming, entries, lower, upper, status, version)
where a.id = u.id`

const insertAccounts = `
insert into account (id, asset_id, lower, upper, changed_at)
select *, timestamptz 'epoch' + $5::bigint * interval '1 millisecond' from unnest($1::bigint[], $2::int[], $3::bigint[], $4::bigint[])`

const insertChanges = `
insert into account_change (account_id, transaction_id, version, asset_id, lower, upper, status)
select * from unnest($1::bigint[], $2::uuid[], $3::int[], $4::int[], $5::bigint[], $6::bigint[], $7::smallint[])`

const insertHolds = `
insert into hold (id, source, target, amount, asset_id, opened_by, expires_at)
select id, source, target, amount, asset_id, opened_by, timestamptz 'epoch' + expires * interval '1 millisecond'
from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::int[], $6::uuid[], $7::bigint[])
  as h (id, source, target, amount, asset_id, opened_by, expires)`

const endHolds = `
update hold h set status = u.status, captured = u.captured, closed_by = u.closed_by
from unnest($1::uuid[], $2::smallint[], $3::bigint[], $4::uuid[]) as u (id, status, captured, closed_by) where h.id = u.id`

// A key that is taken raises 23505, which undoes the batch: the keys are then looked up and the batch decided again.
const insertKeys = `
insert into idempotency (id, request_hash, digest, transaction_id, status, answer, at)
select id, request_hash, digest, transaction_id, status, answer, timestamptz 'epoch' + $7::bigint * interval '1 millisecond'
from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::smallint[], string_to_array($6, chr(31)))
  as k (id, request_hash, digest, transaction_id, status, answer)`

/** The name of the statement that compares what was foreseen. */
export const FORESEEN_STEP = 'foreseen'

/** What a batch was decided on without locking it. */
export type Basis = {
  /** those of the touched accounts that the batch does not open */
  readonly accounts: ReadonlyMap<bigint, AccountState>
  /** of the commit before, in hex */
  readonly journalHash: string
}

export type EncodedBatch = { readonly steps: Step[]; readonly transactions: { id: string; digest: string }[] }

/** The statements that write a decided batch, in the order that their constraints need; the journal row comes after them. */
export function encodeBatch(
  writes: readonly Write[],
  touched: readonly AccountState[],
  at: number,
  journal: { stream: number; seq: bigint },
  /** those of the changed accounts */
  assets: ReadonlyMap<number, Asset>,
  basis?: Basis,
): EncodedBatch {
  const time = String(at)
  const t = {
    id: [] as string[],
    kind: [] as string[],
    principal: [] as string[],
    payload: [] as string[],
    digest: [] as string[],
  }
  const x = {
    id: [] as string[],
    leg: [] as number[],
    source: [] as bigint[],
    target: [] as bigint[],
    amount: [] as bigint[],
    asset: [] as number[],
  }
  const e = {
    account: [] as bigint[],
    seq: [] as bigint[],
    amount: [] as bigint[],
    balance: [] as bigint[],
    id: [] as string[],
    leg: [] as number[],
  }
  const holds: { hold: HoldState; by: string }[] = []
  const ended: { hold: HoldState; captured: bigint; by: string }[] = []
  const changed: { account: AccountState; by: string }[] = []
  const keyed: Write[] = []
  const effects = new Map<string, { effect: Effect; rows: EffectRow[] }>()

  for (const write of writes) {
    const { command, effects: decided } = write
    if (write.keyId !== null) keyed.push(write)
    if (!decided) continue
    const id = command.transaction
    let lines = transactionLine(id, command.kind, command.principal, at, command.payload)
    for (let leg = 0; leg < decided.transfers.length; leg++) {
      const transfer = decided.transfers[leg] as (typeof decided.transfers)[number]
      lines += LINE + transferLine(leg, transfer.source, transfer.target, transfer.assetId, transfer.amount)
      x.id.push(id)
      x.leg.push(leg)
      x.source.push(transfer.source)
      x.target.push(transfer.target)
      x.amount.push(transfer.amount)
      x.asset.push(transfer.assetId)
    }
    for (let i = 0; i < decided.entries.length; i++) {
      const entry = decided.entries[i] as (typeof decided.entries)[number]
      e.account.push(entry.account)
      e.seq.push(entry.seq)
      e.amount.push(entry.amount)
      e.balance.push(entry.balance)
      e.id.push(id)
      e.leg.push(i >> 1)
    }
    for (const hold of byText(decided.opened, (hold) => hold.id)) {
      lines += LINE + holdOpenedLine(hold)
      holds.push({ hold, by: id })
    }
    for (const { hold, captured } of byText(decided.ended, ({ hold }) => hold.id)) {
      lines += LINE + holdEndedLine(hold.id, HOLD_STATUS[hold.status], captured)
      ended.push({ hold, captured, by: id })
    }
    for (const account of [...decided.changed].sort(byAccountVersion)) {
      lines += LINE + accountChangeLine(account, ACCOUNT_STATUS[account.status], assets.get(account.assetId) as Asset)
      changed.push({ account, by: id })
    }
    for (const { effect, row } of command.effects ?? []) {
      const group = effects.get(effect.name) ?? { effect, rows: [] }
      group.rows.push(typeof row === 'function' ? row({ at, entries: decided.entries }) : row)
      effects.set(effect.name, group)
    }
    t.id.push(id)
    t.kind.push(command.kind)
    t.principal.push(command.principal)
    t.payload.push(command.payload)
    t.digest.push(digestOf(lines))
  }

  const steps: Step[] = []
  const step = (name: string, text: string, values: (string | null)[]) => steps.push({ name, text, values })
  if (basis) {
    // First, so that whatever follows is written under its locks.
    const sorted = touched.filter(({ id }) => basis.accounts.has(id)).sort((a, b) => (a.id < b.id ? -1 : 1))
    const before = sorted.map(({ id }) => basis.accounts.get(id) as AccountState)
    step(FORESEEN_STEP, updateForeseen, [
      numbers(sorted.map((a) => a.id)),
      numbers(sorted.map((a) => a.balance)),
      numbers(sorted.map((a) => a.entries)),
      numbers(before.map((a) => a.balance)),
      numbers(before.map((a) => a.entries)),
      time,
      numbers(sorted.map((a) => a.version)),
      String(journal.stream),
      String(journal.seq - 1n),
      basis.journalHash,
    ])
  }
  const opened = changed.filter(({ account }) => account.version === 1)
  if (opened.length > 0) {
    const a = opened.map(({ account }) => account)
    step('open-accounts', insertAccounts, [
      numbers(a.map((r) => r.id)),
      numbers(a.map((r) => r.assetId)),
      numbers(a.map((r) => r.lower)),
      numbers(a.map((r) => r.upper)),
      time,
    ])
  }
  if (t.id.length > 0) {
    step('transactions', insertTransactions, [
      numbers(t.id),
      texts(t.kind),
      texts(t.principal),
      texts(t.payload),
      numbers(t.digest),
      time,
      String(journal.stream),
      String(journal.seq),
    ])
  }
  if (x.id.length > 0) {
    step('transfers', insertTransfers, [
      numbers(x.id),
      numbers(x.leg),
      numbers(x.source),
      numbers(x.target),
      numbers(x.amount),
      numbers(x.asset),
    ])
    step('entries', insertEntries, [
      numbers(e.account),
      numbers(e.seq),
      numbers(e.amount),
      numbers(e.balance),
      numbers(e.id),
      numbers(e.leg),
      time,
    ])
  }
  const rest = basis ? touched.filter(({ id }) => !basis.accounts.has(id)) : touched
  if (rest.length > 0) {
    const common = [
      numbers(rest.map((a) => a.id)),
      numbers(rest.map((a) => a.balance)),
      numbers(rest.map((a) => a.held)),
      numbers(rest.map((a) => a.incoming)),
      numbers(rest.map((a) => a.entries)),
      time,
    ]
    if (changed.length === 0) step('balances', updateBalances, common)
    else {
      step('accounts', updateAccounts, [
        ...common,
        numbers(rest.map((a) => a.lower)),
        numbers(rest.map((a) => a.upper)),
        numbers(rest.map((a) => ACCOUNT_STATUS[a.status])),
        numbers(rest.map((a) => a.version)),
      ])
    }
  }
  if (changed.length > 0) {
    step('account-changes', insertChanges, [
      numbers(changed.map((r) => r.account.id)),
      numbers(changed.map((r) => r.by)),
      numbers(changed.map((r) => r.account.version)),
      numbers(changed.map((r) => r.account.assetId)),
      numbers(changed.map((r) => r.account.lower)),
      numbers(changed.map((r) => r.account.upper)),
      numbers(changed.map((r) => ACCOUNT_STATUS[r.account.status])),
    ])
  }
  if (holds.length > 0) {
    step('holds', insertHolds, [
      numbers(holds.map((r) => r.hold.id)),
      numbers(holds.map((r) => r.hold.source)),
      numbers(holds.map((r) => r.hold.target)),
      numbers(holds.map((r) => r.hold.amount)),
      numbers(holds.map((r) => r.hold.assetId)),
      numbers(holds.map((r) => r.by)),
      numbers(holds.map((r) => r.hold.expiresAt)),
    ])
  }
  if (ended.length > 0) {
    step('end-holds', endHolds, [
      numbers(ended.map((r) => r.hold.id)),
      numbers(ended.map((r) => HOLD_STATUS[r.hold.status])),
      numbers(ended.map((r) => r.captured)),
      numbers(ended.map((r) => r.by)),
    ])
  }
  for (const [name, { effect, rows }] of effects) {
    const width = (rows[0] as EffectRow).length
    const values = Array.from({ length: width }, (_, column) => textArray(rows.map((row) => row[column] ?? null)))
    step(`${EFFECT_STEP}${name}`, effect.text, values)
    const { told } = effect
    if (told)
      step(
        `told-${name}`,
        told.text,
        told.parameters.map((position) => values[position - 1] as string),
      )
  }
  if (keyed.length > 0) steps.push(keyStep(keyed, at))
  return { steps, transactions: t.id.map((id, i) => ({ id, digest: t.digest[i] as string })) }
}

/** Claims the keys in one order in every process, so that two batches never wait for each other in a circle. */
function keyStep(keyed: readonly Write[], at: number): Step {
  const rows = keyed
    .map(({ command, keyId, effects, answer }) => ({
      id: keyId as string,
      hash: command.key?.hash as string,
      transaction: effects ? command.transaction : null,
      at,
      status: answer.status,
      answer: answer.body,
    }))
    .sort((a, b) => compare(a.id, b.id))
  const values = [
    numbers(rows.map((r) => r.id)),
    numbers(rows.map((r) => r.hash)),
    numbers(rows.map(idempotencyDigest)),
    numbers(rows.map((r) => r.transaction)),
    numbers(rows.map((r) => r.status)),
    texts(rows.map((r) => r.answer)),
    String(at),
  ]
  return { name: 'keys', text: insertKeys, values }
}

/** A PostgreSQL array literal of texts; only effects use it, whose texts may hold anything. */
function textArray(values: readonly (string | null)[]): string {
  const quote = (value: string) => `"${value.replace(/["\\]/g, '\\$&')}"`
  return `{${values.map((value) => (value === null ? 'NULL' : quote(value))).join()}}`
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

function byText<T>(rows: readonly T[], text: (row: T) => string): readonly T[] {
  return rows.length < 2 ? rows : [...rows].sort((a, b) => compare(text(a), text(b)))
}

function byAccountVersion(a: AccountState, b: AccountState): number {
  return a.id === b.id ? a.version - b.version : a.id < b.id ? -1 : 1
}
