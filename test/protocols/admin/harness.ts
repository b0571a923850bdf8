import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { createKeyring } from '../../../src/credentials/keyring.ts'
import { createPasswords } from '../../../src/credentials/password.ts'
import { createLocalRates } from '../../../src/credentials/rate.ts'
import { createAddressRules } from '../../../src/delivery/address-rules.ts'
import type { Deps } from '../../../src/deps.ts'
import { createCommitter } from '../../../src/ledger/committer.ts'
import { LEDGER_SETTINGS, openPostgresStore } from '../../../src/ledger/postgres-store.ts'
import { createMailer } from '../../../src/mail/mailer.ts'
import { createApiKey } from '../../../src/operations/create-api-key.ts'
import { createParty } from '../../../src/operations/create-party.ts'
import { createSignIn } from '../../../src/operations/create-sign-in.ts'
import { createGiftDeps } from '../../../src/operations/gift-cards/gift-deps.ts'
import { createWalletDirectory } from '../../../src/operations/wallet-directory.ts'
import { ADMIN_SCOPES, createAdmin } from '../../../src/protocols/admin/routes.ts'
import { openPipeline } from '../../../src/storage/pipeline.ts'
import { createTestDatabase } from '../../support/database.ts'

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at member by member
export type Body = any
export type Answer = { status: number; headers: Headers; text: string; body: Body }
export type Send = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>

/** The admin API on a database of its own, and an operator's key with all scopes. */
export async function createHarness() {
  const { db, drop } = await createTestDatabase()
  const keyring = createKeyring([randomBytes(32)])
  const openLedger = async () =>
    createCommitter(
      await openPostgresStore({
        connect: () => openPipeline({ connection: db.connection, settings: LEDGER_SETTINGS, deadline: 35_000 }),
        journalKey: keyring.derive('journal'),
      }),
    )
  // Two servers on one database, as when several processes run.
  const [ledger, otherLedger] = [await openLedger(), await openLedger()]
  const passwords = createPasswords()
  const logged: unknown[] = []
  const warned: unknown[] = []
  const log = {
    error: (...what: unknown[]) => logged.push(what),
    warn: (...what: unknown[]) => warned.push(what),
  } as unknown as Deps['log']
  const origin = 'http://billfold.example'
  const mailer = createMailer({ keyring, clock: Date.now, origin, mode: 'sandbox', leaves: false })
  const directory = createWalletDirectory(db)
  const giftOf = (one: Deps['ledger']) =>
    createGiftDeps({ db, ledger: one, keyring, clock: Date.now, cardKey: Buffer.alloc(32, 5) })
  const gift = giftOf(ledger)
  const addressRules = createAddressRules(['127.0.0.0/8'])
  const config = { mode: 'sandbox' } as Deps['config']
  const parts = {
    config,
    db,
    ledger,
    directory,
    keyring,
    passwords,
    mailer,
    gift,
    addressRules,
    log,
    rates: createLocalRates(),
  }
  const deps = { ...parts, clock: Date.now } as Deps

  const operator = await createParty(deps, { kind: 'business', name: 'The house' })
  await createSignIn(deps, { partyId: operator.id, email: 'op@example.com', password: 'correct horse', operator: true })
  const key = async (scopes: string[], partyId = operator.id) =>
    (await createApiKey(deps, { partyId, name: 'Test', scopes })).apiKey
  const operatorKey = await key([...ADMIN_SCOPES])
  const web = new Hono().route('/admin/v1', createAdmin(deps))
  const otherWeb = new Hono().route(
    '/admin/v1',
    createAdmin({ ...deps, ledger: otherLedger, gift: giftOf(otherLedger) }),
  )

  /** Every answer that has been given, for checks over all of them. */
  const answers: { method: string; path: string; answer: Answer }[] = []
  const sendTo =
    (server: Hono): Send =>
    async (method, path, body, headers = {}) => {
      const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
      const response = await server.request(`http://billfold.example/admin/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${operatorKey}`,
          ...(text === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(text === undefined ? {} : { body: text as string }),
      })
      const answered = await response.text()
      const answer = {
        status: response.status,
        headers: response.headers,
        text: answered,
        body: answered !== '' && /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(answered) : null,
      }
      answers.push({ method, path, answer })
      return answer
    }
  const send = sendTo(web)
  const servers: Server[] = []

  return {
    db,
    deps,
    web,
    send,
    /** to another server process on the same database */
    sendToOther: sendTo(otherWeb),
    answers,
    logged,
    /** what operators are warned of */
    warned,
    operator,
    operatorKey,
    key,
    /** Listens on a port, for what must go over a real connection. @returns the server's URL */
    async listen(): Promise<string> {
      const server = createServer(getRequestListener(web.fetch))
      servers.push(server)
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    },
    async close() {
      for (const server of servers) {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      }
      await Promise.all([ledger.close(), otherLedger.close()])
      await drop()
    },
  }
}

export type Harness = Awaited<ReturnType<typeof createHarness>>
