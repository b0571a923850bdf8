import type { Asset } from '../../domain/asset.ts'
import type { Snapshot } from '../../storage/snapshot.ts'
import type { Exporter } from '../export.ts'
import { explicitIdOf, millisecondsOf, readTransactions } from '../transaction-rows.ts'
import { assetOf, decimal, descriptionOf, readAssets, timestamp } from './text.ts'

const ACCOUNTS = `
select a.id, a.asset_id as "assetId", a.balance, ${explicitIdOf('w')} as name
from account a left join wallet w on w.id = a.id order by a.id`

type AccountRow = { id: bigint; assetId: number; balance: bigint; name: string | null }

/**
 * A journal for hledger: every transaction that moved money, with all commodities and accounts declared (`hledger check --strict`
 * accepts it), and at the end an assertion of each account's balance, so that hledger itself finds out whether our balances are
 * the sums of our transfers. Transactions stand in the order of their references; hledger sorts by date by itself.
 */
export const exportHledger: Exporter = async (snapshot, write, row) => {
  const assets = await readAssets(snapshot)
  await write('; Billfold: the ledger\ndecimal-mark .\n\n')
  for (const asset of assets.values()) {
    const example = asset.exponent === 0 ? '1000.' : `1000.${'0'.repeat(asset.exponent)}`
    await write(`commodity ${example} ${commodity(asset)}\n`)
  }
  await write('\n')
  await eachAccount(snapshot, ({ id, name }) => write(`account ${accountName(id, name)}\n`))

  for await (const record of readTransactions(snapshot, { names: true })) {
    row()
    if (record.transfers.length === 0) continue
    const { id, at, kind, principal, payload } = record
    const description = clean(`${kind} ${descriptionOf(payload)}`)
    let text = `\n${timestamp(at).slice(0, 10)} (${id}) ${description}\n`
    text += `    ; at:${timestamp(at)}, principal:${clean(principal).replaceAll(',', ' ')}\n`
    for (const { source, sourceName = null, target, targetName = null, assetId, amount } of record.transfers) {
      const unit = commodity(assetOf(assets, assetId))
      text += `    ${accountName(source, sourceName)}  ${decimal(assets, assetId, -amount)} ${unit}\n`
      text += `    ${accountName(target, targetName)}  ${decimal(assets, assetId, amount)} ${unit}\n`
    }
    await write(text)
  }

  // The day of the last transaction: an assertion counts all that stands before it.
  const [last] = await snapshot.query<{ at: string | null }>(
    `select ${millisecondsOf('max(at)')} as at from transaction`,
  )
  const day = timestamp(Number(last?.at ?? 0)).slice(0, 10)
  await eachAccount(snapshot, ({ id, name, assetId, balance }) => {
    const unit = commodity(assetOf(assets, assetId))
    const nothing = decimal(assets, assetId, 0n)
    return write(
      `\n${day} balance\n    ${accountName(id, name)}  ${nothing} ${unit} = ${decimal(assets, assetId, balance)} ${unit}\n`,
    )
  })
}

async function eachAccount(snapshot: Snapshot, use: (account: AccountRow) => void | Promise<void>): Promise<void> {
  for (const reader = await snapshot.read<AccountRow>(ACCOUNTS); reader.current; await reader.next()) {
    await use(reader.current)
  }
}

/** A code has no point, so the first one parts it from the circle. */
const commodity = ({ code, circle }: Asset): string => `"${code}.${circle}"`

/** `wallets:us:8301234567:USD`; what hledger could read as something else is percent-encoded. */
function accountName(id: bigint, wallet: string | null): string {
  if (wallet === null) return `accounts:${id}`
  return `wallets:${wallet.replace(/[^A-Za-z0-9._:-]/gu, (character) => encodeURIComponent(character))}`
}

/** One line without the signs that begin a comment or a status. */
function clean(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Zl}\p{Zp};]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}
