import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import type { Config } from '../../src/config.ts'
import { type AccessTokenClaims, signAccessToken } from '../../src/credentials/access-token-jwt.ts'
import { createKeyring } from '../../src/credentials/keyring.ts'
import { loadOrCreateKey } from '../../src/credentials/key-file.ts'
import { createPasswords } from '../../src/credentials/password.ts'
import { WALLET_SCOPES } from '../../src/credentials/scopes.ts'
import { createSigningKeys } from '../../src/credentials/signing-keys.ts'
import { audit } from '../../src/ledger/audit.ts'
import { createCommitter } from '../../src/ledger/committer.ts'
import { LEDGER_SETTINGS, openPostgresStore } from '../../src/ledger/postgres-store.ts'
import { changeWallet, type ChangeWalletInput } from '../../src/operations/change-wallet.ts'
import { type CreateClientInput, createClient } from '../../src/operations/create-client.ts'
import { createParty } from '../../src/operations/create-party.ts'
import { fillSandbox, type SandboxFile } from '../../src/operations/fill-sandbox.ts'
import { type OpenWalletInput, openWallet } from '../../src/operations/open-wallet.ts'
import { createWalletDirectory } from '../../src/operations/wallet-directory.ts'
import { createOauth } from '../../src/protocols/oauth/oauth.ts'
import { isOauthPath } from '../../src/protocols/oauth/routes.ts'
import { createWalletHandler, matchWallet } from '../../src/protocols/webwallet/mount.ts'
import { openPipelineThread } from '../../src/storage/pipeline-thread.ts'
import { createTestDatabase } from './database.ts'
import { type Caller, createCaller, grantToken } from './wallet-client.ts'

/** The server's public URL: tokens are meant for it, wherever it listens. */
export const PUBLIC_URL = 'http://billfold.example'

/** TEMPORARY */
async function parts(config: Config, connection: any, log: any) {
  const { openDatabase } = await import('../../src/storage/database.ts')
  const db = openDatabase(connection)
  const keyring = createKeyring(await loadOrCreateKey(config.home))
  const store = await openPostgresStore({
    connect: () => openPipelineThread({ connection, settings: LEDGER_SETTINGS, deadline: 35_000 }),
    journalKey: keyring.derive('journal'),
  })
  const ledger = createCommitter(store, { log })
  return {
    config, db, ledger, directory: createWalletDirectory(db), keyring, passwords: createPasswords(), clock: Date.now, log,
    metrics: null, async close() { await ledger.close(); await db.close() },
  }
}
async function listenTemporary(assembly: any) {
  const oauth = await createOauth({ ...assembly, publicUrls: assembly.config.publicUrls })
  const wallet = createWalletHandler({ ...assembly, verifyAccessToken: oauth.verifyAccessToken }, assembly.log)
  const server: Server = createServer((req, res) => {
    const url = req.url ?? '/'
    const cut = url.indexOf('?')
    const path = cut < 0 ? url : url.slice(0, cut)
    const match = matchWallet(path)
    if (match) wallet(req, res, match, cut < 0 ? '' : url.slice(cut + 1))
    else if (isOauthPath(path)) oauth.handle(req, res)
    else { res.statusCode = 404; res.end('<h1>nope</h1>') }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await assembly.close()
    },
  }
}

/** A server in this process, on a database of its own, with the sandbox in it. */
export async function startSandboxServer() {
  const { db: own, drop } = await createTestDatabase()
  const home = await mkdtemp(join(tmpdir(), 'sandbox-'))
  const config: Config = {
    mode: 'sandbox',
    host: '127.0.0.1',
    port: 0,
    publicUrls: [PUBLIC_URL],
    home,
    database: own.connection,
    logLevel: 'silent',
  }
  const faults: unknown[] = []
  const log = pino({ level: 'error' }, { write: (line: string) => void faults.push(JSON.parse(line)) })
  const assembly = await parts(config, own.connection, log)
  await fillSandbox(assembly as any, PUBLIC_URL)
  const running = await listenTemporary(assembly)
  const url = `http://127.0.0.1:${running.port}`
  const sandbox: SandboxFile = JSON.parse(await readFile(join(home, 'sandbox.json'), 'utf8'))
  const { db, keyring, clock } = assembly
  const keys = await createSigningKeys({ db, keyring, clock, monotonic: () => performance.now() })

  const caller = async (known: { client_id: string; client_secret: string; signing_secret: string }, scope?: string) => {
    const token = await grantToken(url, known.client_id, known.client_secret, scope)
    return createCaller(url, { id: known.client_id, signingSecret: known.signing_secret, token })
  }

  const server = {
    url,
    home,
    sandbox,
    assembly,
    db,
    /** what the server logged as an error */
    faults,
    caller,
    gateway: await caller(sandbox.clients.gateway),
    merchant: await caller(sandbox.clients.merchant),

    party: async (name = 'Río Bazaar') => (await createParty(assembly, { kind: 'business', name })).id,
    open: (partyId: string, input: Omit<OpenWalletInput, 'partyId'>) => openWallet(assembly, 'test', { partyId, ...input }),
    change: (id: string, input: ChangeWalletInput) => changeWallet(assembly, 'test', id, input),

    /** A client of a new party with these wallets, and its token. */
    async client(
      wallets: (Omit<OpenWalletInput, 'partyId'> | string)[],
      { scope, ...input }: Partial<CreateClientInput> & { scope?: string } = {},
    ): Promise<Caller & { partyId: string; clientSecret: string }> {
      const partyId = input.partyId ?? (await server.party())
      for (const wallet of wallets) await server.open(partyId, typeof wallet === 'string' ? { id: wallet } : wallet)
      const made = await createClient(assembly, { name: 'Till', scopes: [...WALLET_SCOPES], ...input, partyId })
      if (input.public) {
        const token = server.token({ clientId: made.id, subject: partyId })
        return { ...createCaller(url, { id: made.id, signingSecret: null, token }), partyId, clientSecret: '' }
      }
      const [client_secret, signing_secret] = [made.clientSecret as string, made.signingSecret as string]
      const credentials = { client_id: made.id, client_secret, signing_secret }
      return { ...(await caller(credentials, scope)), partyId, clientSecret: client_secret }
    },

    /** A token of the server's own key that says what the test wants; by default all that the subject may have. */
    token: (claims: Partial<AccessTokenClaims> & { clientId: string; subject: string }, issuer = PUBLIC_URL) =>
      signAccessToken(keys.signer(), issuer, {
        jti: randomUUID(),
        scopes: [...WALLET_SCOPES],
        family: null,
        wallets: null,
        walletNames: claims.wallets ? [] : '*',
        audience: PUBLIC_URL,
        issuedAt: Date.now() - 1000,
        expiresAt: Date.now() + 600_000,
        ...claims,
      }),

    /** Fails the test unless every invariant of the books holds. */
    async assertClean() {
      const report = await audit(db, { journalKey: keyring.derive('journal') })
      assert.deepEqual(report.findings, [])
      assert.equal(report.clean, true)
      return report
    },

    /** The posted balance in minor units. */
    async balance(id: string): Promise<bigint> {
      const [namespace, number, currency] = id.split(':')
      const rows = await db.query<{ balance: bigint }>(
        `select a.balance from account a join wallet w on w.id = a.id
         where w.namespace = $1 and w.number = $2 and w.currency = $3`,
        [namespace, number, currency],
      )
      assert.ok(rows[0], `there is no wallet ${id}`)
      return rows[0].balance
    },

    async stop() {
      await running.stop()
      await drop()
      await rm(home, { recursive: true, force: true })
    },
  }
  return server
}

export type SandboxServer = Awaited<ReturnType<typeof startSandboxServer>>
