import {
  isMainThread,
  MessageChannel,
  type MessagePort,
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

/**
 * The same pipeline with its driver in a thread of its own: binding parameters and parsing replies costs about as much as
 * answering the requests does, and the two then run side by side.
 */
export async function openPipelineThread(settings: PipelineSettings): Promise<Pipeline> {
  const { port1: port, port2 } = new MessageChannel()
  /** answers sent by the thread; read without a system call */
  const answered = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { settings, port: port2, answered } satisfies Start,
    transferList: [port2],
    name: 'ledger-pipeline',
  })
  const waiting = new Map<number, { resolve(replies: Reply[]): void; reject(error: Error): void }>()
  let next = 0
  let taken = 0
  let ended: Error | null = null
  const end = (error: Error) => {
    ended ??= error
    for (const { reject } of waiting.values()) reject(new PipelineError({ message: ended.message, completed: [] }))
    waiting.clear()
    port.close()
  }
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
  worker.on('error', end)
  worker.on('exit', () => end(new Error('the pipeline thread has ended')))
  port.on('message', take)
  // An empty group is answered when the connection stands.
  try {
    await send([])
  } catch (error) {
    // A thread without a connection would stay, and keep the process from ending.
    end(error as Error)
    await worker.terminate()
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
      port.postMessage('close' satisfies Request)
      await new Promise((resolve) => (ended ? resolve(null) : worker.once('exit', resolve)))
    },
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

if (!isMainThread && (workerData as Start | null)?.settings) await serve(workerData as Start)
