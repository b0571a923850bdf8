import type { Effects } from '../../src/domain/posting.ts'
import { keyId } from '../../src/ledger/lines.ts'
import type { Write } from '../../src/ledger/store.ts'
import type { Commit, Database } from './database.ts'
import { createModel, type ModelAccount, type Posted } from './model.ts'
import { ACCOUNTS } from './operations.ts'
import type { World } from './world.ts'

export const PRINCIPAL = 'client:simulated'

type Kept = { readonly hash: string; readonly body: string; readonly transaction: string | null }

export type Oracles = ReturnType<typeof createOracles>

/** Replays every commit on the model, in the order in which they happened, and compares. */
export function createOracles(world: World, books: () => Database) {
  const model = createModel()
  /** transaction to the answer that was written with it */
  const applied = new Map<string, string>()
  const keys = new Map<string, Kept>()
  const times = new Map<bigint, number>()
  /** account to when an entry, a hold or a change last touched it */
  const touched = new Map<bigint, number>()
  /** the last commit of each stream */
  const heads = new Map<string, number>()
  const counts = { commits: 0, expired: 0 }

  for (const [id, asset, lower, upper] of ACCOUNTS) {
    model.accounts.set(id, { asset, balance: 0n, lower, upper, status: 'open', entries: 0, version: 1 })
  }

  function replay(write: Write, { connection, at }: Commit, unseen: readonly bigint[]): void {
    const { command, keyId: key, effects, answer } = write
    const name = command.transaction
    if (key !== null) {
      if (keys.has(key)) world.violate(`at most once per key: ${command.key?.value} was written twice`)
      keys.set(key, { hash: command.key?.hash ?? '', body: answer.body, transaction: effects ? name : null })
    }
    const rows = (command.effects ?? []).map(({ effect, row }) => ({ name: effect.name, row: row as string[] }))
    if (!effects) {
      const told = answer.body.slice(answer.body.indexOf(' no ') + 4)
      const opens = command.legs.some((leg) => leg.type === 'open-account' && model.accounts.has(leg.account))
      if (told === 'already-exists account_pkey' && opens) return
      // Decided on what the lock had found: an account that another server opened since then was not there.
      const hidden = unseen.map((id) => [id, model.accounts.get(id) as ModelAccount] as const)
      for (const [id] of hidden) model.accounts.delete(id)
      const { refused } = model.submit(command.legs, rows, connection.now)
      for (const [id, account] of hidden) model.accounts.set(id, account)
      if (!refused.includes(told))
        world.violate(`${name} was refused (${told}), the model: ${refused.join() || 'accept'}`)
      return
    }
    if (applied.has(name)) world.violate(`${name} was applied twice`)
    applied.set(name, answer.body)
    const { refused, posted } = model.submit(command.legs, rows, connection.now)
    if (refused.length > 0) world.violate(`${name} was applied, the model refuses it: ${refused.join()}`)
    if (entriesText(effects.entries) !== entriesText(posted)) {
      world.violate(`entries of ${name}: ${entriesText(effects.entries)}, the model: ${entriesText(posted)}`)
    }
    for (const { account } of posted) {
      if (at < (times.get(account) ?? 0)) world.violate(`times of account ${account} go backwards`)
      times.set(account, at)
    }
    touch(effects, at)
  }

  function touch({ entries, opened, ended, changed }: Effects, at: number): void {
    const sides = [...opened, ...ended.map(({ hold }) => hold)].flatMap(({ source, target }) => [source, target])
    for (const id of [...entries.map(({ account }) => account), ...sides, ...changed.map((account) => account.id)]) {
      touched.set(id, Math.max(touched.get(id) ?? 0, at))
    }
  }

  function compare(id: bigint, expected: ModelAccount): void {
    const found = books().accounts.get(id)
    const held = model.reserved(id, 'source')
    const incoming = model.reserved(id, 'target')
    const { balance, lower, upper, status, entries, version } = expected
    const right =
      found &&
      found.balance === balance &&
      found.held === held &&
      found.incoming === incoming &&
      found.lower === lower &&
      found.upper === upper &&
      found.status === status &&
      Number(found.entries) === entries &&
      found.version === version
    if (!right) {
      world.violate(
        `account ${id}: ${JSON.stringify(found, text)}, the model: ${JSON.stringify({ ...expected, held, incoming }, text)}`,
      )
    }
    // The audit holds the same against PostgreSQL.
    if (books().changedAt.get(id) !== touched.get(id)) world.violate(`account ${id} was not changed when it says so`)
    if (lower !== null && balance - held < lower) world.violate(`holds exceed the balance of account ${id}`)
    if (upper !== null && balance + incoming > upper) world.violate(`holds exceed the room of account ${id}`)
  }

  function conserve(): void {
    const sums = new Map<number, bigint>()
    for (const { assetId, balance } of books().accounts.values()) {
      sums.set(assetId, (sums.get(assetId) ?? 0n) + balance)
    }
    for (const [asset, sum] of sums) if (sum !== 0n) world.violate(`conservation: asset ${asset} sums up to ${sum}`)
  }

  return {
    applied,
    keys,
    keyOf: (value: string) => keyId(PRINCIPAL, value),
    counts,

    committed(commit: Commit): void {
      counts.commits++
      const { connection, writes, seq, previous } = commit
      if ((heads.get(connection.name) ?? 0) !== previous) world.violate(`the journal of ${connection.name} has a gap`)
      heads.set(connection.name, seq)
      if (world.tracing) world.trace(`${connection.name} commits ${writes.map(describe).join(', ')}`)
      const due = model.expire(connection.locked, connection.now)
      const expiries = writes.filter(({ command }) => command.kind === 'hold-expiry')
      const ended = expiries.flatMap(({ effects }) => effects?.ended.map(({ hold }) => hold.id) ?? [])
      counts.expired += ended.length
      if (ended.sort().join() !== due.sort().join()) {
        world.violate(`expired holds that ended: ${ended.join() || 'none'}, the model: ${due.join() || 'none'}`)
      }
      const unseen = [...connection.asked].filter((id) => model.accounts.has(id) && !connection.locked.has(id))
      for (const { effects } of expiries) if (effects) touch(effects, commit.at)
      for (const write of writes) if (!expiries.includes(write)) replay(write, commit, unseen)
      for (const id of connection.asked) {
        const expected = model.accounts.get(id)
        if (expected) compare(id, expected)
      }
      conserve()
    },

    /** Everything, at the end. */
    finish(): void {
      const { accounts, entries, transactions, keys: stored, holds } = books()
      for (const [id, expected] of model.accounts) compare(id, expected)
      if (accounts.size !== model.accounts.size) world.violate('there are accounts that nobody opened')
      for (const [id, rows] of entries) {
        let balance = 0n
        for (const [index, row] of rows.entries()) {
          balance += row.amount
          if (Number(row.seq) !== index + 1) world.violate(`entry ${index + 1} of account ${id} has number ${row.seq}`)
          if (row.balance !== balance) world.violate(`running balance of account ${id} at entry ${row.seq}`)
        }
      }
      for (const [id, hold] of model.holds) {
        if (holds.get(id)?.status !== hold.state) world.violate(`${id} is ${holds.get(id)?.status}, not ${hold.state}`)
      }
      for (const [key, kept] of keys) {
        if (stored.get(key)?.answer.body !== kept.body) world.violate('a stored answer has changed or is gone')
      }
      for (const name of applied.keys()) {
        if (transactions.get(name) !== 1) world.violate(`${name} is there ${transactions.get(name) ?? 0} times`)
      }
      for (const name of transactions.keys()) {
        if (!applied.has(name) && name.startsWith('t')) world.violate(`${name} is there, and was never committed`)
      }
      conserve()
    },
  }
}

const text = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value)

const entriesText = (
  entries: readonly (Posted | { account: bigint; seq: bigint; amount: bigint; balance: bigint })[],
) => entries.map(({ account, seq, amount, balance }) => `${account}#${seq} ${amount} ${balance}`).join('; ')

function describe({ command, effects, answer }: Write): string {
  return `${command.kind === 'hold-expiry' ? 'an expiry' : answer.body}${effects ? '' : ' (refused)'}`
}
