import { join } from 'node:path'
import pino, { type Logger } from 'pino'
import { type Config, publicUrlsOf, receiverBlocksOf, type Secrets } from './config.ts'
import { loadJournalKey } from './credentials/journal-key.ts'
import { loadOrCreateKey } from './credentials/key-file.ts'
import { createKeyring } from './credentials/keyring.ts'
import { createPasswords } from './credentials/password.ts'
import { loadServerKey } from './credentials/server-key.ts'
import { createSharedRates, type SharedRates } from './credentials/shared-rates.ts'
import { createAddressRules } from './delivery/address-rules.ts'
import type { Deps } from './deps.ts'
import { createRequestLog, type RequestLog } from './http/request-log.ts'
import { refuseInsecurePlace } from './insecure-place.ts'
import { createCommitter } from './ledger/committer.ts'
import { createHeadFile, readHeads } from './ledger/head-file.ts'
import type { JournalHead } from './ledger/journal.ts'
import { LEDGER_SETTINGS, openPostgresStore } from './ledger/postgres-store.ts'
import type { Store } from './ledger/store.ts'
import { createMailer } from './mail/mailer.ts'
import type { MailSender } from './mail/send.ts'
import { createMetrics, type Metrics, type WorkerPlace } from './metrics.ts'
import { createCallLog } from './operations/calls/call-log.ts'
import { createGiftDeps } from './operations/gift-cards/gift-deps.ts'
import { createPurchaseDeps } from './operations/purchases/purchase-deps.ts'
import { createWalletDirectory } from './operations/wallet-directory.ts'
import { type DatabaseConnection, openDatabase } from './storage/database.ts'
import { createPipelineThread } from './storage/pipeline-thread.ts'
import { createExporter } from './tracing/exporter.ts'
import { traceLedger } from './tracing/traced-ledger.ts'
import { createTracer, type Tracer } from './tracing/tracer.ts'

/** Everything but the network: what the CLI works with too. */
export type Assembly = Deps & {
  rates: SharedRates
  tracer: Tracer

  /** the journal's last rows, as this machine remembers them */
  knownHeads: () => Promise<readonly JournalHead[]>
  metrics: Metrics
  mailSender: MailSender | null
  close(): Promise<void>
}

/**
 * Builds the parts on a migrated database.
 * @param options.openStore replaces the ledger's store in benchmarks
 * @param options.place of a server that is one of several workers
 */
export async function assemble(
  config: Config,
  secrets: Secrets,
  connection: DatabaseConnection,
  { log, requestLog }: Logs,
  options: { openStore?: () => Promise<Store>; place?: WorkerPlace } = {},
): Promise<Assembly> {
  const db = openDatabase(connection)
  const pipelines = createPipelineThread({ connection, settings: LEDGER_SETTINGS, deadline: 35_000 })
  try {
    if (config.mode === 'production') await refuseInsecurePlace(db, config.home)
    const keyring = createKeyring(secrets.keys ?? (await loadOrCreateKey(config.home)))
    const metrics = createMetrics(options.place)
    const journalKey = await loadJournalKey({ db, keyring })
    const cardKey = await loadServerKey({ db, keyring }, 'card-key')
    const headsPath = join(config.home, 'journal-heads.json')
    const heads = createHeadFile(headsPath, journalKey, log)
    const openStore =
      options.openStore ??
      (() =>
        openPostgresStore({
          connect: pipelines.open,
          journalKey,
          onHead: heads.onHead,
        }))
    const origin = publicUrlsOf(config)[0] as string
    const smtpUrl = secrets.smtpUrl ?? null
    // Read only where there is a mail server to speak to.
    const mailSender =
      smtpUrl === null
        ? null
        : (await import('./mail/send.ts')).createMailSender({
            db,
            keyring,
            log,
            smtpUrl,
            from: config.mailFrom,
            origin,
            mode: config.mode,
          })
    const store = await openStore()
    const tracer = createTracer(
      config.tracing ? createExporter({ ...config.tracing, headers: secrets.tracingHeaders ?? {}, log }) : null,
    )
    const ledger = traceLedger(createCommitter(store, { log, onBatch: metrics.batch, onStale: metrics.stale }), tracer)
    const rates = createSharedRates({ db, keyring, log })
    const calls = createCallLog({ db, clock: Date.now, log, rates, onDropped: metrics.callsDropped })
    return {
      config,
      db,
      ledger,
      directory: createWalletDirectory(db),
      keyring,
      passwords: createPasswords(),
      gift: createGiftDeps({ db, ledger, keyring, clock: Date.now, cardKey }),
      purchases: createPurchaseDeps({ db, ledger, keyring, clock: Date.now, config }),
      mailer: createMailer({ keyring, clock: Date.now, origin, mode: config.mode, leaves: smtpUrl !== null }),
      mailSender,
      addressRules: createAddressRules(receiverBlocksOf(config)),
      clock: Date.now,
      log,
      requestLog,
      tracer,
      rates,
      calls,
      metrics,
      knownHeads: () => readHeads(headsPath, journalKey),
      async close() {
        mailSender?.close()
        await tracer.close()
        await ledger.close()
        await pipelines.close()
        await heads.flush()
        await calls.close()
        await rates.close()
        await db.close()
      },
    }
  } catch (error) {
    await pipelines.close()
    await db.close()
    throw error
  }
}

/** What one write to a pipe may hold so that no other process' lines come into its midst (POSIX: PIPE_BUF); bytes. */
const ONE_WRITE = 4096

/** Where a server's lines go. */
export type Logs = { log: Logger; requestLog: RequestLog }

/**
 * JSON lines to a file or stdout, written in blocks; secrets have no path into them, and these members never pass.
 * @param worker its number, where it is one of several that write to one place
 */
export function createLogs(level: string, destination: string | 1, worker?: number): Logs {
  const lines = pino.destination({
    dest: destination,
    sync: false,
    minLength: worker === undefined ? 4096 : 3072,
    ...(worker !== undefined && { maxWrite: ONE_WRITE }),
    periodicFlush: 1000,
    mkdir: true,
    mode: 0o600,
  })
  const log = pino(
    {
      level,
      base: { pid: process.pid, ...(worker !== undefined && { worker }) },
      redact: {
        // A constraint's detail quotes the row that broke it.
        paths: [
          '*.authorization',
          '*.client_secret',
          '*.password',
          '*.secret',
          'err.config',
          'err.detail',
          'err.where',
        ],
        censor: '(hidden)',
      },
    },
    lines,
  )
  return { log, requestLog: log.isLevelEnabled('info') ? createRequestLog(lines, Date.now, worker) : () => {} }
}
