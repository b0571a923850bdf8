import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { keyId } from '../src/ledger/lines.ts'
import { openDatabase, parseDatabaseUrl } from '../src/storage/database.ts'
import { type Acknowledged, SOURCE, TARGETS } from './ha-load.ts'

export type BooksToCheck = {
  key: string
  homes: readonly string[]
  client: string
  acknowledged: ReadonlyMap<string, Acknowledged>
}

/** Holds what callers were told against what is there. @returns what is wrong */
export async function checkBooks(url: string, { key, homes, client, acknowledged }: BooksToCheck): Promise<string[]> {
  const problems: string[] = []
  const db = openDatabase(parseDatabaseUrl(url), { connections: 1 })
  try {
    const rows = await db.query<{ id: string; answer: string }>('select id, answer from idempotency')
    const kept = new Map(rows.map(({ id, answer }) => [id.replaceAll('-', ''), answer]))
    const balances = new Map([SOURCE, ...TARGETS].map((id) => [id, 0n]))
    const add = (id: string, cents: bigint) => balances.set(id, (balances.get(id) as bigint) + cents)
    let lost = 0
    for (const { key, target, amount, text } of acknowledged.values()) {
      if (kept.get(keyId(`client:${client}`, key).replaceAll('-', '')) !== text) lost++
      const cents = BigInt(amount.replace('.', ''))
      add(SOURCE, -cents)
      add(target, cents)
    }
    console.log({ lost, kept: kept.size })
    if (lost > 0) problems.push(`${lost} acknowledged payments are lost`)
    const counted = await db.query<{ count: bigint }>(`select count(*) from transaction where kind = 'payments'`)
    console.log({ payments: counted[0]?.count, balances: Object.fromEntries(balances) })
    if (counted[0]?.count !== BigInt(acknowledged.size)) {
      problems.push(`there are ${counted[0]?.count} payments for ${acknowledged.size} keys`)
    }
    for (const [id, expected] of balances) {
      const [row] = await db.query<{ balance: bigint }>(
        `select a.balance from account a join wallet w on w.id = a.id where w.namespace || ':' || w.number || ':' || w.currency = $1`,
        [id],
      )
      if (row?.balance !== expected) problems.push(`${id} has ${row?.balance} and should have ${expected}`)
    }
  } finally {
    await db.close()
  }
  for (const home of homes) {
    const said = await audit({ DATABASE_URL: url, BILLFOLD_HOME: home, BILLFOLD_KEY: key, BILLFOLD_MODE: 'sandbox' })
    console.log(`audit: ${said.text.trim().split('\n').at(-1)}`)
    if (said.code !== 0) problems.push(`the audit finds:\n${said.text}`)
  }
  return problems
}

function audit(env: Record<string, string>): Promise<{ code: number | null; text: string }> {
  const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [main, 'audit'], { env: { ...process.env, ...env } }, (_, out, err) =>
      resolve({ code: child.exitCode, text: out + err }),
    )
  })
}
