import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import pino from 'pino'
import { assemble } from '../../src/assembly.ts'
import type { Config } from '../../src/config.ts'
import { type AccessTokenClaims, signAccessToken } from '../../src/credentials/access-token-jwt.ts'
import { createClientStates } from '../../src/credentials/client-states.ts'
import { loadJournalKey } from '../../src/credentials/journal-key.ts'
import { WALLET_SCOPES } from '../../src/credentials/scopes.ts'
import { createSigningKeys } from '../../src/credentials/signing-keys.ts'
import { audit } from '../../src/ledger/audit.ts'
import { listen } from '../../src/main.ts'
import { type ChangeWalletInput, changeWallet } from '../../src/operations/change-wallet.ts'
import { type CreateClientInput, createClient } from '../../src/operations/create-client.ts'
import { createParty } from '../../src/operations/create-party.ts'
import { fillSandbox, type SandboxFile } from '../../src/operations/fill-sandbox.ts'
import { type OpenWalletInput, openWallet } from '../../src/operations/open-wallet.ts'
import { createEmptySandbox, createFullSandbox, PUBLIC_URL, sandboxConfig } from './sandbox-template.ts'
import { type Caller, createCaller, grantToken } from './wallet-client.ts'

export { PUBLIC_URL }

/**
 * A server in this process, on a database of its own, with the sandbox in it.
 * @param options.config in place of what tests are configured by
 * @param options.young fills the sandbox now; else it may be as old as the run
 */
export async function startSandboxServer({
  young = false,
  config = {},
}: {
  young?: boolean
  config?: Partial<Config>
} = {}) {
  const { db: own, drop, home } = await (young ? createEmptySandbox() : createFullSandbox())
  const faults: unknown[] = []
  const log = pino({ level: 'error' }, { write: (line: string) => void faults.push(JSON.parse(line)) })
  const assembly = await assemble(
    { ...sandboxConfig(home, own.connection), ...config },
    { keys: null },
    own.connection,
    {
      log,
      requestLog: () => {},
    },
  )
  const running = await listen(assembly, (address) => fillSandbox(assembly, address)).catch(async (error) => {
    // What stays open would keep the process, and with it the whole run.
    await assembly.close()
    await drop()
    throw error
  })
  const url = `http://127.0.0.1:${running.port}`
  const sandbox: SandboxFile = JSON.parse(await readFile(join(home, 'sandbox.json'), 'utf8'))
  const { db, keyring, clock } = assembly
  const monotonic = () => performance.now()
  const keys = await createSigningKeys({ db, keyring, clock, monotonic })

  const caller = async (
    known: { client_id: string; client_secret: string; signing_secret: string },
    scope?: string,
  ) => {
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
    /** as the server's routes have them: keys that sign tokens, their issuer, the clients */
    tokens: { keys, issuer: PUBLIC_URL, clients: createClientStates({ db, keyring, monotonic }) },
    caller,
    gateway: await caller(sandbox.clients.gateway),
    merchant: await caller(sandbox.clients.merchant),

    party: async (name = 'Río Bazaar') => (await createParty(assembly, { kind: 'business', name })).id,
    open: (partyId: string, input: Omit<OpenWalletInput, 'partyId'>) =>
      openWallet(assembly, 'test', { partyId, ...input }),
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
    async assertClean(): Promise<void> {
      await server.audit()
    },

    /** {@link assertClean}, with what was counted. */
    async audit() {
      const report = await audit(db, { journalKey: await loadJournalKey({ db, keyring }) })
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
