import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Assembly, assemble, createLogs } from '../src/assembly.ts'
import type { AccountState } from '../src/domain/posting.ts'
import { createMemoryStore } from '../src/ledger/memory-store.ts'
import { listen } from '../src/main.ts'
import { fillSandbox } from '../src/operations/fill-sandbox.ts'
import { openWallet } from '../src/operations/open-wallet.ts'
import { GATEWAY } from '../src/operations/sandbox-plan.ts'
import { findPartyByName } from '../src/storage/parties.ts'
import { BENCH_KEY, benchWallet, type ServerOrder } from './orders.ts'

/**
 * The server as it runs, in a process of its own: same routes, checks, logs and metrics. For "without a database" only the
 * ledger's store is another one; what identifies clients and wallets is read from PostgreSQL once and then remembered.
 */
async function serve(order: ServerOrder): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'billfold-bench-home-'))
  const config = {
    mode: 'sandbox' as const,
    host: '127.0.0.1',
    port: order.port,
    publicUrls: [],
    home,
    database: order.connection,
    logLevel: 'info',
    // What is measured is the server, not its manners.
    tilloRateLimit: 999_999_999,
    rateLimits: { walleo: null, jackpot: null, admin: null, failures: null },
  }
  const logs = createLogs('info', join(home, 'logs', 'server.log'))
  const secrets = { keys: [Buffer.from(BENCH_KEY, 'hex')] }
  const durable = await assemble(config, secrets, order.connection, logs)
  await fillSandbox(durable, `http://127.0.0.1:${order.port}`)
  const party = await findPartyByName(durable.db, GATEWAY.name)
  const partyId = (party as { id: string }).id
  // In blocks, so that the pool is not the queue.
  for (let from = 0; from < order.wallets; from += 500) {
    const block = Array.from({ length: Math.min(500, order.wallets - from) }, (_, i) => benchWallet(from + i))
    await Promise.all(block.map((id) => openOnce(durable, id, partyId)))
  }
  await durable.db.query('vacuum analyze')
  let assembly: Assembly = durable
  if (order.store === 'memory') {
    const store = createMemoryStore(Date.now)
    for (const account of await readAccounts(durable)) store.accounts.set(account.id, account)
    assembly = await assemble(config, secrets, order.connection, logs, { openStore: async () => store })
    await durable.close()
  }
  const running = await listen(assembly)
  process.send?.({ sandbox: join(home, 'sandbox.json') })
  process.on('disconnect', async () => {
    await running.stop()
    await rm(home, { recursive: true, force: true })
    process.exit(0)
  })
}

async function openOnce(assembly: Assembly, id: string, partyId: string): Promise<void> {
  await openWallet(assembly, 'bench', { id, partyId, lower: '-1000000000', upper: null }).catch((error) => {
    if (error.code !== 'already_exists') throw error
  })
}

async function readAccounts(assembly: Assembly): Promise<AccountState[]> {
  const rows = await assembly.db.query<{ id: bigint; asset_id: number; lower: bigint | null; upper: bigint | null }>(
    'select id, asset_id, lower, upper from account',
  )
  const empty = { balance: 0n, held: 0n, incoming: 0n, entries: 0n, version: 1, status: 'open' as const }
  return rows.map(({ id, asset_id, lower, upper }) => ({ id, assetId: asset_id, lower, upper, ...empty }))
}

process.once('message', (order: ServerOrder) => {
  void serve(order)
})
