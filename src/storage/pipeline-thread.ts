import {
  isMainThread,
  MessageChannel,
  type MessagePort,
  parentPort,
  receiveMessageOnPort,
  Worker,
  workerData,
} from 'node:worker_threads'
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
type Request = 'close' | { id: number; steps: readonly Step[] }
type Start = { settings: PipelineSettings; port: MessagePort; answered: Int32Array<SharedArrayBuffer> }

export type PipelineThread = {
  /** A connection; another one when the one before is lost. */
  open(): Promise<Pipeline>
  /** Ends the thread, and every connection with it. */
  close(): Promise<void>
}

/**
 * The same pipeline with its driver in a thread of its own: binding parameters and parsing replies costs about as much as
 * answering the requests does, and the two then run side by side. The thread outlives its connections: it takes forty times the work of
 * one to begin, just when the database is back and everybody waits.
 */
export function createPipelineThread(settings: PipelineSettings): PipelineThread {
  let worker: Worker | null = null
  const ends = new Set<(error: Error) => void>()

  function begin(): Worker {
    const begun = new Worker(new URL(import.meta.url), { workerData: IS_PIPELINES, name: 'ledger-pipeline' })
    const over = (error: Error) => {
      if (worker === begun) worker = null
      for (const end of ends) end(error)
    }
    begun.on('error', over)
    begun.on('exit', () => over(new Error('the pipeline thread has ended')))
    return begun
  }

  return {
    async open() {
      worker ??= begin()
      const { port1: port, port2 } = new MessageChannel()
      /** answers sent by the thread; read without a system call */
      const answered = new Int32Array(new SharedArrayBuffer(4))
      worker.postMessage({ settings, port: port2, answered } satisfies Start, [port2])
      const waiting = new Map<number, { resolve(replies: Reply[]): void; reject(error: Error): void }>()
      let next = 0
      let taken = 0
      let ended: Error | null = null
      const end = (error: Error) => {
        ended ??= error
        ends.delete(end)
        for (const { reject } of waiting.values()) reject(new PipelineError({ message: ended.message, completed: [] }))
        waiting.clear()
        port.close()
      }
      ends.add(end)
      const take = ({ id, replies, failure }: Answer) => {
        taken++
        const caller = waiting.get(id)
        waiting.delete(id)
        if (replies) caller?.resolve(replies)
        else caller?.reject(new PipelineError(failure as PipelineFailure))
      }
      const send = (request: Exclude<Request, 'close'>['steps']): Promise<Reply[]> =>
        new Promise((resolve, reject) => {
          const id = next++
          waiting.set(id, { resolve, reject })
          port.postMessage({ id, steps: request } satisfies Request)
        })
      const closed = new Promise<void>((resolve) => port.once('close', resolve))
      void closed.then(() => end(new Error('the connection is closed')))
      port.on('message', take)
      // An empty group is answered when the connection stands.
      try {
        await send([])
      } catch (error) {
        end(error as Error)
        throw error
      }

      return {
        run(steps) {
          if (ended) return Promise.reject(new PipelineError({ message: ended.message, completed: [] }))
          return send(steps)
        },
        poll() {
          if (Atomics.load(answered, 0) === taken) return
          const received = receiveMessageOnPort(port)
          if (received) take(received.message)
        },
        async close() {
          if (!ended) port.postMessage('close' satisfies Request)
          await closed
        },
      }
    },
    async close() {
      await worker?.terminate()
    },
  }
}

/** One connection with a thread for itself. */
export async function openPipelineThread(settings: PipelineSettings): Promise<Pipeline> {
  const thread = createPipelineThread(settings)
  try {
    const pipeline = await thread.open()
    const close = () => pipeline.close().finally(thread.close)
    return { ...pipeline, close }
  } catch (error) {
    // A thread without a connection would stay, and keep the process from ending.
    await thread.close()
    throw error
  }
}

async function serve({ settings, port, answered }: Start): Promise<void> {
  const opening = openPipeline(settings)
  // Whoever waits for the connection is told; here it is no defect of the thread.
  opening.catch(() => {})
  const answer = (message: Answer) => {
    port.postMessage(message)
    Atomics.add(answered, 0, 1)
  }
  port.on('message', async (message: Request) => {
    if (message === 'close') {
      await opening.then((pipeline) => pipeline.close()).catch(() => {})
      port.close()
      return
    }
    const { id, steps } = message
    try {
      const pipeline = await opening
      answer({ id, replies: await pipeline.run(steps) })
    } catch (error) {
      const { message } = error as Error
      answer({ id, failure: error instanceof PipelineError ? error.failure : { message, completed: [] } })
    }
  })
}

const IS_PIPELINES = 'pipelines of the ledger'

if (!isMainThread && workerData === IS_PIPELINES) parentPort?.on('message', (start: Start) => void serve(start))
