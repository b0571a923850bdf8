import { Worker } from 'node:worker_threads'
import type { Survey, Tried, Try, WorkerData } from './worker.ts'

/** One thread that tries mutants; one that never comes back is ended, and another started. */
export function createThread(data: WorkerData) {
  let worker: Worker | null = null

  function start(active?: string): Promise<Worker> {
    const begun = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: active === undefined ? data : { ...data, active },
      stdout: true,
    })
    begun.stdout.resume()
    begun.on('error', (error) => console.error(error))
    return answer<'ready'>(begun, 120_000).then((ready) => {
      if (ready === null) throw new Error('a thread does not begin')
      return begun
    })
  }

  /** @returns null when there was no answer in time */
  function answer<T>(from: Worker, within: number): Promise<T | null> {
    return new Promise((done) => {
      const end = (value: T | null) => {
        clearTimeout(timer)
        from.off('message', end).off('exit', none).off('error', none)
        done(value)
      }
      const none = () => end(null)
      const timer = setTimeout(none, within)
      from.on('message', end).on('exit', none).on('error', none)
    })
  }

  async function close(): Promise<void> {
    await worker?.terminate()
    worker = null
  }

  return {
    close,
    async survey(): Promise<Survey> {
      worker ??= await start()
      worker.postMessage('survey')
      const found = await answer<Survey>(worker, 600_000)
      if (!found) throw new Error('the tests do not end')
      return found
    },
    /** @returns the test that failed, `time` when there was no end, null when the mutant lives */
    async try(what: Try, within: number): Promise<string | null> {
      worker ??= await start()
      worker.postMessage(what)
      const tried = await answer<Tried>(worker, within)
      if (!tried) await close()
      return tried ? tried.failed : 'time'
    },
    /** Tries it in a thread of its own, where it is there from the first import on. */
    async tryFresh(what: Try & { mutant: string }, within: number): Promise<string | null> {
      const own = await createThread(data).startWith(what.mutant)
      if (!own) return 'loading'
      own.postMessage(what)
      const tried = await answer<Tried>(own, within)
      await own.terminate()
      return tried ? tried.failed : 'time'
    },
    startWith: (active: string) => start(active).catch(() => null),
  }
}
