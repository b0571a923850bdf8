import cluster, { type Worker } from 'node:cluster'
import { fileURLToPath } from 'node:url'
import { PlainError } from '../command.ts'
import { PATIENCE } from '../patiently.ts'
import { createMeeting, tell } from './meeting.ts'
import type { FromWorker, WorkerOrder } from './messages.ts'
import { createRestarts } from './restarts.ts'

/** Longer than a worker takes for its requests in hand and its jobs; ms. */
const STOP_PATIENCE = 30_000

export type Workers = {
  /** of the server, and the file of the sandbox's credentials ('' without one) */
  readonly ready: { readonly url: string; readonly port: number; readonly credentials: string }
  /** rejects when workers die faster than they are replaced */
  readonly failed: Promise<never>
  /** Lets all come to their end, and waits for it. */
  stop(): Promise<void>
}

/**
 * Starts servers in processes of their own on one port, and takes the place of each that dies. Connections come in here and are dealt
 * out in turn.
 * @param order the first place's; only that one fills the sandbox
 * @returns when all are ready
 * @throws {PlainError} when one cannot start
 */
export async function startWorkers(
  count: number,
  order: Omit<WorkerOrder, 'kind' | 'place'>,
  say: (line: string) => void,
): Promise<Workers> {
  cluster.setupPrimary({ exec: fileURLToPath(new URL('./worker-process.ts', import.meta.url)), args: [] })
  const restarts = createRestarts()
  const alive = new Set<Worker>()
  const meeting = createMeeting(alive, () => restarts.count)
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => {})
  const timers = new Set<NodeJS.Timeout>()
  let stopping = false

  /** @returns what the worker said when it was ready; rejects when it could not start */
  function occupy(place: number, patience: number): Promise<Workers['ready']> {
    const worker = cluster.fork()
    const ended = Promise.withResolvers<Workers['ready']>()
    let ready = false
    let reason = 'it ended before it was ready'
    const last = rememberLastHandle(worker)
    worker.on('online', () =>
      tell(worker, { kind: 'order', ...order, place, patience, fills: order.fills && place === 1 }),
    )
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'failed') reason = message.message
      else if (message.kind === 'ready') {
        ready = true
        alive.add(worker)
        ended.resolve(message)
      } else meeting.hear(worker, message)
    })
    worker.on('error', () => {})
    worker.on('exit', (code, signal) => {
      alive.delete(worker)
      meeting.left(worker)
      last()
      ended.reject(new PlainError(reason))
      if (stopping) return
      // Whoever was asked to end (SIGTERM) did so in good order.
      const wait = code === 0 && ready ? 0 : restarts.died(ready, Date.now())
      if (wait === null) return failure.reject(new PlainError(`workers end again and again: ${reason}`))
      say(
        `worker ${place} (process ${worker.process.pid}) ended (${signal ?? `exit status ${code}`}); starting another`,
      )
      timers.add(setTimeout(() => stopping || occupy(place, PATIENCE).catch(() => {}), wait))
    })
    return ended.promise
  }

  async function stop(): Promise<void> {
    stopping = true
    for (const timer of timers) clearTimeout(timer)
    const all = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined)
    await Promise.all(all.map(end))
  }

  try {
    const places = Array.from({ length: count }, (_, index) => occupy(index + 1, order.patience))
    const [first] = await Promise.all(places)
    return { ready: first as Workers['ready'], failed: failure.promise, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function end(worker: Worker): Promise<void> {
  if (worker.isDead()) return
  const gone = new Promise((resolve) => worker.once('exit', resolve))
  tell(worker, { kind: 'stop' })
  const timer = setTimeout(() => worker.process.kill('SIGKILL'), STOP_PATIENCE)
  await gone
  clearTimeout(timer)
}

/**
 * Node forgets a connection that it was handing to a worker at the moment when that one is killed, and its caller would wait for ever.
 * @returns closes that connection; one that was handed over before is closed on this side already, and takes no harm
 */
function rememberLastHandle({ process: child }: Worker): () => void {
  let last: { close?(): void } | undefined
  const send = child.send.bind(child) as (...args: unknown[]) => boolean
  child.send = (...args: unknown[]) => {
    if (typeof args[1] === 'object' && args[1] !== null) last = args[1]
    return send(...args)
  }
  return () => last?.close?.()
}
