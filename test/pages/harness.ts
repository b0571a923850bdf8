import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import type { Config } from '../../src/config.ts'
import { createKeyring } from '../../src/credentials/keyring.ts'
import { createPasswords } from '../../src/credentials/password.ts'
import { createLocalRates } from '../../src/credentials/rate.ts'
import { createCommitter } from '../../src/ledger/committer.ts'
import { LEDGER_SETTINGS, openPostgresStore } from '../../src/ledger/postgres-store.ts'
import { createMailer, type Mail, mailContext } from '../../src/mail/mailer.ts'
import { createParty } from '../../src/operations/create-party.ts'
import { createSignIn } from '../../src/operations/create-sign-in.ts'
import { createWalletDirectory } from '../../src/operations/wallet-directory.ts'
import { createPages, type PagesDeps } from '../../src/pages/pages.ts'
import type { Reference } from '../../src/pages/reference/pages.ts'
import { listMails } from '../../src/storage/mail-outbox.ts'
import { openPipeline } from '../../src/storage/pipeline.ts'
import { createTestDatabase } from '../support/database.ts'
import { createVisitor, type Visitor } from './visitor.ts'

export const PASSWORD = 'correct horse battery'

/** The pages alone, served over HTTP by two servers on one database, with a person who can sign in. */
export async function startPages(options: { config?: Partial<Config>; leaves?: boolean; reference?: Reference } = {}) {
  const { db, drop } = await createTestDatabase()
  const keyring = createKeyring([randomBytes(32)])
  const store = await openPostgresStore({
    connect: () => openPipeline({ connection: db.connection, settings: LEDGER_SETTINGS, deadline: 35_000 }),
    journalKey: keyring.derive('journal'),
  })
  const ledger = createCommitter(store)
  const faults: unknown[] = []
  const config: Config = {
    mode: 'sandbox',
    host: '127.0.0.1',
    port: 0,
    publicUrls: ['http://billfold.example'],
    home: '/nowhere',
    database: null,
    logLevel: 'silent',
    ...options.config,
  }
  const origin = config.publicUrls[0] as string
  const deps = {
    config,
    db,
    ledger,
    directory: createWalletDirectory(db),
    keyring,
    passwords: createPasswords(),
    mailer: createMailer({ keyring, clock: Date.now, origin, mode: config.mode, leaves: options.leaves ?? false }),
    clock: Date.now,
    rates: createLocalRates(),
    ...(options.reference && { reference: options.reference }),
    log: { error: (...fault: unknown[]) => void faults.push(fault) } as unknown as PagesDeps['log'],
  }
  const servers = await Promise.all([serve(deps), serve(deps)])
  const [url, otherUrl] = servers.map(({ port }) => `http://127.0.0.1:${port}`) as [string, string]

  const harness = {
    url,
    /** of a second server on the same database */
    otherUrl,
    db,
    deps,
    /** what was logged as an error */
    faults,
    visitor: (at = url, headers: Record<string, string> = {}) => createVisitor(at, headers),

    /** A person who can sign in. */
    async person(email = `ana-${randomBytes(4).toString('hex')}@example.com`, name = 'Ana Núñez') {
      const { id } = await createParty(deps, { kind: 'person', name })
      await createSignIn(deps, { partyId: id, email, password: PASSWORD })
      return { id, email, name }
    },

    /** A browser of its own, signed in. */
    async signedIn(email: string, password = PASSWORD, at = url): Promise<Visitor> {
      const visitor = createVisitor(at)
      const answer = await visitor.submit('/sign-in', { email, password })
      assert.equal(answer.status, 303, answer.text)
      return visitor
    },

    /** The mails in the outbox, newest first, opened. */
    async mails(): Promise<Mail[]> {
      const rows = await listMails(db, 100)
      return rows.map(({ id, sealed }) => JSON.parse(keyring.open(sealed, mailContext(id))))
    },

    /** The path of the link in the newest mail to an address. */
    async linkTo(email: string): Promise<string> {
      const mail = (await harness.mails()).find(({ to }) => to === email)
      assert.ok(mail, `no mail to ${email}`)
      const link = new RegExp(`${origin}(/\\S+)`).exec(mail.text)
      return (link as RegExpExecArray)[1] as string
    },

    async stop() {
      for (const { server } of servers) {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      }
      await ledger.close()
      await drop()
      assert.deepEqual(faults, [], 'the server logged faults')
    },
  }
  return harness
}

export type PagesHarness = Awaited<ReturnType<typeof startPages>>

async function serve(deps: Parameters<typeof createPages>[0]): Promise<{ server: Server; port: number }> {
  const web = new Hono()
  // Stands for a consent that need not be asked again: it leads to another site.
  web.get('/interaction/away', (c) =>
    c.redirect(c.req.url.replace('127.0.0.1', 'localhost').replace('interaction', 'nowhere'), 303),
  )
  web.route('/', createPages(deps))
  const server = createServer(getRequestListener(web.fetch))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, port: (server.address() as AddressInfo).port }
}
