import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import {
  openPipeline,
  type Pipeline,
  PipelineError,
  type PipelineFailure,
  type PipelineSettings,
  type Reply,
  type Step,
} from './pipeline.ts'

type Answer = { id: number; replies?: Reply[]; failure?: PipelineFailure }

/**
 * The same pipeline with its driver in a thread of its own: binding parameters and parsing replies costs about as much as
 * answering the requests does, and the two then run side by side.
 */
export async function openPipelineThread(settings: PipelineSettings): Promise<Pipeline> {
  const worker = new Worker(new URL(import.meta.url), { workerData: settings, name: 'ledger-pipeline' })
  const waiting = new Map<number, { resolve(replies: Reply[]): void; reject(error: Error): void }>()
  let next = 0
  let ended: Error | null = null
  const end = (error: Error) => {
    ended ??= error
    for (const { reject } of waiting.values()) reject(new PipelineError({ message: ended.message, completed: [] }))
    waiting.clear()
  }
  worker.on('error', end)
  worker.on('exit', () => end(new Error('the pipeline thread has ended')))

  await new Promise<void>((resolve, reject) => {
    worker.once('message', (answer: Answer) => {
      if (!answer.failure) return resolve()
      void worker.terminate()
      reject(new PipelineError(answer.failure))
    })
    worker.once('error', reject)
  })
  worker.on('message', ({ id, replies, failure }: Answer) => {
    const caller = waiting.get(id)
    waiting.delete(id)
    if (replies) caller?.resolve(replies)
    else caller?.reject(new PipelineError(failure as PipelineFailure))
  })

  return {
    run(steps) {
      if (ended) return Promise.reject(new PipelineError({ message: ended.message, completed: [] }))
      return new Promise((resolve, reject) => {
        const id = next++
        waiting.set(id, { resolve, reject })
        worker.postMessage({ id, steps })
      })
    },
    async close() {
      worker.postMessage('close')
      await new Promise((resolve) => (ended ? resolve(null) : worker.once('exit', resolve)))
    },
  }
}

async function serve(): Promise<void> {
  const port = parentPort as NonNullable<typeof parentPort>
  let pipeline: Pipeline
  try {
    pipeline = await openPipeline(workerData as PipelineSettings)
  } catch (error) {
    port.postMessage({ id: -1, failure: { message: (error as Error).message, completed: [] } } satisfies Answer)
    port.close()
    return
  }
  port.on('message', async (message: 'close' | { id: number; steps: Step[] }) => {
    if (message === 'close') {
      await pipeline.close()
      port.close()
      return
    }
    try {
      port.postMessage({ id: message.id, replies: await pipeline.run(message.steps) } satisfies Answer)
    } catch (error) {
      const failure =
        error instanceof PipelineError ? error.failure : { message: (error as Error).message, completed: [] }
      port.postMessage({ id: message.id, failure } satisfies Answer)
    }
  })
  port.postMessage({ id: -1, replies: [] } satisfies Answer)
}

if (!isMainThread && (workerData as PipelineSettings | null)?.connection) await serve()
