import type { AddressInfo } from 'node:net'
import type { Assembly } from './assembly.ts'
import { publicUrlsOf } from './config.ts'
import { createRequestAddress } from './credentials/address.ts'
import { createDrain } from './http/drain.ts'
import { createBuyUpstream } from './operations/gift-cards/buy-upstream.ts'
import { createJackpotForm } from './operations/jackpot/notification-form.ts'
import { createPledgForm } from './operations/purchases/notification-form.ts'
import { createWebhookForm } from './operations/webhooks/webhook-form.ts'
import { createRefusalPage } from './pages/consent/refusal-page.ts'
import { createSignedIn } from './pages/consent/signed-in.ts'
import { createOauth } from './protocols/oauth/oauth.ts'
import { createServer } from './server.ts'
import { traceAttempts, traceJobs } from './tracing/traced-work.ts'
import { startWorker, type WorkerDeps } from './worker/worker.ts'

export type Running = { url: string; port: number; stop(): Promise<void> }

/** How long requests in hand may take when the server stops; ms. */
const DRAIN = 10_000

/**
 * Listens; the assembly is closed with the server.
 * @param prepare what must be done before the server says that it is ready
 */
export async function listen(assembly: Assembly, prepare?: (url: string) => Promise<unknown>): Promise<Running> {
  const { config, log } = assembly
  const readiness = { ready: false }
  const publicUrls = publicUrlsOf(config)
  const people = { signedIn: createSignedIn(assembly), refusalPage: createRefusalPage() }
  const addressOf = createRequestAddress(config.trustedProxies ?? [])
  const oauth = await createOauth({ ...assembly, publicUrls, people, addressOf })
  const server = createServer({ ...assembly, oauth, readiness })
  const drain = createDrain(server)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(config.port, config.host, resolve)
  })
  const { port } = server.address() as AddressInfo
  await prepare?.(publicUrls[0] as string).catch((error) => {
    server.close()
    server.closeAllConnections()
    throw error
  })
  const delivery = createDelivery(assembly)
  const buyUpstream = createBuyUpstream({ ...assembly, fetch: assembly.tracer.fetch })
  const worker = startWorker({
    ...assembly,
    oauth,
    buyUpstream,
    delivery,
    traced: traceJobs(assembly.tracer),
    ...(config.retention && { retention: config.retention }),
  })
  readiness.ready = true
  return {
    url: publicUrls[0] as string,
    port,
    async stop() {
      readiness.ready = false
      const drained = drain(DRAIN)
      await worker.stop()
      await drained
      await assembly.close()
      log.info('stopped')
    },
  }
}

/** How others are told what happens: every form of notification, by one job. */
function createDelivery(assembly: Assembly): NonNullable<WorkerDeps['delivery']> {
  const { config, metrics, addressRules } = assembly
  return {
    forms: [
      createWebhookForm(assembly),
      createPledgForm(assembly),
      createJackpotForm({ ...assembly, origin: publicUrlsOf(config)[0] as string }),
    ],
    rules: addressRules,
    wall: Date.now,
    quoteInside: config.mode === 'sandbox',
    traceAttempt: traceAttempts(assembly.tracer),
    onAttempt: metrics.delivery,
    onWaiting: metrics.deliveriesWaiting,
  }
}
