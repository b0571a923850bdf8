import type { Exporter } from '../export.ts'
import { ACCOUNT_STATUS, HOLD_STATUS } from '../lines.ts'
import { readTransactions } from '../transaction-rows.ts'
import { assetOf, decimal, readAssets, timestamp } from './text.ts'

const nameOf = (names: Record<string, number>, number: number) =>
  Object.keys(names).find((name) => names[name] === number) ?? String(number)

/**
 * One transaction a line, with all that it did: transfers, holds opened and ended, accounts opened and changed. Amounts are
 * decimal strings in the currency's main unit, account numbers strings, times UTC.
 */
export const exportJsonl: Exporter = async (snapshot, write, row) => {
  const assets = await readAssets(snapshot)
  const unit = (assetId: number) => {
    const { code, circle } = assetOf(assets, assetId)
    return { currency: code, circle }
  }
  for await (const record of readTransactions(snapshot, { names: true })) {
    row()
    const line = {
      reference: record.id,
      at: timestamp(record.at),
      kind: record.kind,
      principal: record.principal,
      payload: null,
      transfers: record.transfers.map(({ source, target, sourceName, targetName, amount, assetId }) => ({
        source: String(source),
        source_wallet: sourceName,
        target: String(target),
        target_wallet: targetName,
        amount: decimal(assets, assetId, amount),
        ...unit(assetId),
      })),
      holds_opened: record.opened.map(({ id, source, target, amount, assetId, expiresAt }) => ({
        id,
        source: String(source),
        target: String(target),
        amount: decimal(assets, assetId, amount),
        ...unit(assetId),
        expires_at: timestamp(expiresAt),
      })),
      holds_ended: record.ended.map(({ id, status, captured, assetId }) => ({
        id,
        status: nameOf(HOLD_STATUS, status),
        captured: decimal(assets, assetId, captured),
      })),
      accounts: record.changes.map(({ id, version, lower, upper, status, assetId }) => ({
        account: String(id),
        version,
        lower: lower === null ? null : decimal(assets, assetId, lower),
        upper: upper === null ? null : decimal(assets, assetId, upper),
        status: nameOf(ACCOUNT_STATUS, status),
        ...unit(assetId),
      })),
      journal: { stream: record.stream, seq: String(record.seq) },
      digest: record.digest,
    }
    // The payload goes in as it was given: reading and writing its numbers again could change them.
    const writing = write(
      `${JSON.stringify(line).replace('"payload":null', () => `"payload":${payloadOf(record.payload)}`)}\n`,
    )
    if (writing) await writing
  }
}

/** JSON text on one line: outside its strings a line break is only space. */
function payloadOf(payload: string): string {
  try {
    JSON.parse(payload)
    return payload.replace(/[\r\n]+/g, ' ')
  } catch {
    return JSON.stringify(payload)
  }
}
