import { assemble, createLogs } from '../../assembly.ts'
import { readConfig } from '../../config.ts'
import { listen } from '../../main.ts'
import { fillSandbox } from '../../operations/fill-sandbox.ts'
import { patiently } from '../patiently.ts'
import { plainly } from '../plainly.ts'
import { portProblem } from '../port-problem.ts'
import { releaseMemory } from '../release-memory.ts'
import type { ToWorker, WorkerOrder } from './messages.ts'
import { createPlace, toPrimary } from './place.ts'

// A server of several, started by primary.ts. It ends when it is told to, by a signal, or with the primary process.

async function work(order: WorkerOrder): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve())
    process.on('message', (message: ToWorker) => message.kind === 'stop' && resolve())
  })
  const place = createPlace(order.place)
  process.on('message', place.hear)
  const { config, secrets } = readConfig(process.env)
  config.port = order.port
  const logs = createLogs(config.logLevel, order.logFile ?? 1, order.place)
  const assembly = await patiently(order.patience, () => assemble(config, secrets, order.connection, logs, { place }))
  let credentials = ''
  const server = await listen(assembly, async (url) => {
    if (order.fills) credentials = await patiently(order.patience, () => fillSandbox(assembly, url))
  }).catch(async (error) => {
    await assembly.close()
    throw portProblem(error, config)
  })
  assembly.log.info({ url: server.url, port: server.port }, 'ready')
  toPrimary({ kind: 'ready', url: server.url, port: server.port, credentials })
  releaseMemory()
  await stopped
  await server.stop()
}

process.once('message', async (order: WorkerOrder) => {
  try {
    await plainly(() => work(order))
    process.exit(0)
  } catch (error) {
    const { message, stack, plain } = error as Error & { plain?: boolean }
    const failed = { kind: 'failed', message: plain ? message : (stack ?? message), plain: plain === true } as const
    process.send?.(failed, undefined, undefined, () => process.exit(1))
  }
})
