import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pino from 'pino'
import { assemble } from '../../src/assembly.ts'
import { loadJournalKey } from '../../src/credentials/journal-key.ts'
import { loadOrCreateKey } from '../../src/credentials/key-file.ts'
import { createKeyring } from '../../src/credentials/keyring.ts'
import { WALLET_SCOPES } from '../../src/credentials/scopes.ts'
import { audit } from '../../src/ledger/audit.ts'
import { readHeads } from '../../src/ledger/head-file.ts'
import { createClient } from '../../src/operations/create-client.ts'
import { createParty } from '../../src/operations/create-party.ts'
import { fillSandbox, type SandboxFile } from '../../src/operations/fill-sandbox.ts'
import { openWallet } from '../../src/operations/open-wallet.ts'
import { type Database, type DatabaseConnection, openDatabase } from '../../src/storage/database.ts'
import { PUBLIC_URL, sandboxConfig } from '../../test/support/sandbox-template.ts'
import { databaseUrl, freePort, type ServerProcess, spawnServer } from '../../test/support/server-process.ts'

export const WALLETS: readonly string[] = Array.from({ length: 8 }, (_, i) => `bank:w${i}:USD`)

export type Place = {
  db: Database
  /** of the owner of the eight wallets */
  client: { id: string; secret: string; signingSecret: string }
  /** the sandbox's partner, who buys cards */
  partner: { apiKey: string; secret: string }
  /** where the two servers are to be reached, whether they run or not */
  urls: readonly string[]
  servers: ServerProcess[]
  /** Starts one of them (again), without waiting for it. */
  start(server: number): ServerProcess
  /** Starts it until it stays: `serve` ends at once where the database is away, and whoever supervises it tries again. */
  insist(server: number): Promise<void>
  /** Findings of the ledger's audit, the heads remembered by both servers included. */
  audit(): Promise<string[]>
  /** Ends both servers by Ctrl-C and closes the database. @returns their exit statuses */
  stop(): Promise<(number | null)[]>
}

export type PlaceOptions = {
  /** the servers' home folders are in it, and the key and the sandbox's file if it is filled already */
  home: string
  connection: DatabaseConnection
  /** the way each server takes to the database, such as a proxy; by default the direct one */
  ways?: readonly DatabaseConnection[]
  /** what each server has in its environment beside the usual */
  envs?: readonly Record<string, string>[]
}

/** A sandbox with eight wallets of one owner on a migrated database, and two server processes that share it. */
export async function openPlace({ home, connection, ways, envs }: PlaceOptions): Promise<Place> {
  const { client, sandbox } = await prepare(home, connection)
  const [key] = await loadOrCreateKey(home)
  const ports = [await freePort(), await freePort()]
  const db = openDatabase(connection, { connections: 3 })
  const start = (i: number) => {
    const server = spawnServer('serve', ports[i] as number, {
      DATABASE_URL: databaseUrl(ways?.[i] ?? connection),
      BILLFOLD_MODE: 'sandbox',
      BILLFOLD_KEY: (key as Buffer).toString('hex'),
      BILLFOLD_PUBLIC_URL: PUBLIC_URL,
      BILLFOLD_HOME: join(home, `server-${i}`),
      BILLFOLD_TILLO_RATE_LIMIT: '100000000',
      LOG_LEVEL: 'warn',
      ...envs?.[i],
    })
    place.servers[i] = server
    return server
  }
  const place: Place = {
    db,
    client,
    partner: { apiKey: sandbox.tillo.api_key, secret: sandbox.tillo.secret },
    urls: ports.map((port) => `http://127.0.0.1:${port}`),
    servers: [],
    start,
    async insist(i) {
      for (let tries = 0; ; tries++) {
        const server = start(i)
        const ready = await server.ready().then(
          () => true,
          () => false,
        )
        if (ready) return
        assert.ok(tries < 20, `it does not stay up: ${server.output()}`)
        await server.kill()
        await delay(50)
      }
    },
    async audit() {
      const journalKey = await loadJournalKey({ db, keyring: createKeyring([key as Buffer]) })
      const heads = ports.map((_, i) => readHeads(join(home, `server-${i}`, 'journal-heads.json'), journalKey))
      const knownHeads = (await Promise.all(heads)).flat()
      assert.ok(knownHeads.length > 0, 'no server remembered the head of its journal')
      return (await audit(db, { journalKey, knownHeads })).findings.map((finding) => JSON.stringify(finding))
    },
    async stop() {
      const statuses = await Promise.all(place.servers.map((server) => server.interrupt()))
      await db.close()
      return statuses
    },
  }
  // A server outlives its parent's sudden end by nature: not here.
  process.once('exit', () => {
    for (const { child } of place.servers) child.kill('SIGKILL')
  })
  await Promise.all([0, 1].map(place.insist)).catch(async (error) => {
    await place.stop()
    throw error
  })
  return place
}

async function prepare(home: string, connection: DatabaseConnection) {
  const config = sandboxConfig(home, connection)
  const logs = { log: pino({ level: 'silent' }), requestLog: () => {} }
  const assembly = await assemble(config, { keys: null }, connection, logs)
  try {
    await fillSandbox(assembly, PUBLIC_URL)
    const sandbox: SandboxFile = JSON.parse(await readFile(join(home, 'sandbox.json'), 'utf8'))
    const { id: partyId } = await createParty(assembly, { kind: 'business', name: 'The bank' })
    for (const id of WALLETS) await openWallet(assembly, 'assurance', { id, partyId, lower: '-20.00' })
    const made = await createClient(assembly, { name: 'Till', scopes: [...WALLET_SCOPES], partyId })
    const [secret, signingSecret] = [made.clientSecret as string, made.signingSecret as string]
    return { client: { id: made.id, secret, signingSecret }, sandbox }
  } finally {
    await assembly.close()
  }
}
