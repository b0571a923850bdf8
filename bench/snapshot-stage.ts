import { openDatabase } from '../src/storage/database.ts'
import { runLoadProcess, startServer } from './orders.ts'
import { type Bench, line, round, times } from './report.ts'

const WALLETS = 1_000
const PORT = 9_785

/**
 * Payments while somebody reads from one moment on: a backup, an audit, a transaction that was forgotten. Until it ends the old
 * versions of every account stay, and each payment passes those of its two.
 */
export async function measureSnapshot({ database, quick, say }: Bench): Promise<void> {
  const connection = await database.create('snapshot')
  const server = await startServer({ store: 'postgres', port: PORT, connection, wallets: WALLETS })
  const db = openDatabase(connection, { connections: 1 })
  const seconds = quick ? 3 : 10
  const pay = async (hot: boolean) => {
    const order = { port: PORT, sandbox: server.sandbox, kind: 'payments', wallets: WALLETS, connections: 256 } as const
    return (await runLoadProcess({ ...order, hot, seconds })).perSecond
  }
  try {
    await pay(false)
    for (const hot of [false, true]) {
      await database.settle()
      const before = await pay(hot)
      const what = hot ? 'payments into one hot wallet' : 'payments, spread'
      say(line(`${what}, no snapshot`, `${round(before)}/s`))
      await db.transaction(async (sql) => {
        await sql.query('set transaction isolation level repeatable read')
        await sql.query('select from account limit 1')
        for (let run = 1; run <= (quick ? 2 : 4); run++) {
          const rate = await pay(hot)
          say(line(`  ${seconds} s, ${run}. time since a snapshot is open`, `${round(rate)}/s`, times(rate / before)))
        }
      })
      say(line('  once it is closed', `${round(await pay(hot))}/s`))
    }
  } finally {
    await db.close()
    await server.stop()
  }
}
