import { Worker } from 'node:worker_threads'
import { databaseOwnerVariable, dropDatabasesOf, testServerVariable } from '../../test/support/database.ts'
import type { Survey } from './survey.ts'
import type { Beat, Tried, Try, WorkerData } from './worker.ts'

export type { Tried, Try }

/** how many were started, of all */
let threads = 0

/** One thread that tries mutants; one that never comes back is ended, and another started. */
export function createThread(data: WorkerData) {
  let worker: Worker | null = null
  const owners = new WeakMap<Worker, string>()

  function start(active?: string): Promise<Worker> {
    const owner = `of${++threads}_`
    const begun = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: active === undefined ? data : { ...data, active },
      env: { ...process.env, [databaseOwnerVariable]: owner },
      stdout: true,
    })
    owners.set(begun, owner)
    begun.stdout.resume()
    begun.on('error', (error) => console.error(error))
    return answer<'ready'>(begun, 120_000).then((ready) => {
      if (ready === null) throw new Error('a thread does not begin')
      return begun
    })
  }

  /** @returns null when there was no answer in time; a beat gives it more */
  function answer<T>(from: Worker, within: number): Promise<T | null> {
    return new Promise((done) => {
      const end = (value: T | null) => {
        clearTimeout(timer)
        from.off('message', hear).off('exit', none).off('error', none)
        done(value)
      }
      const none = () => end(null)
      const hear = (message: T | Beat) => {
        if (typeof message !== 'object' || message === null || !('beat' in message)) return end(message as T)
        clearTimeout(timer)
        timer = setTimeout(none, message.beat)
      }
      let timer = setTimeout(none, within)
      from.on('message', hear).on('exit', none).on('error', none)
    })
  }

  /** Its databases would fill the disk, or the memory, in a few thousand mutants. */
  async function end(ended: Worker): Promise<void> {
    await ended.terminate()
    if (process.env[testServerVariable]) await dropDatabasesOf(owners.get(ended) as string)
  }

  async function close(): Promise<void> {
    const ended = worker
    worker = null
    if (ended) await end(ended)
  }

  /** null: it never came back. */
  async function ask(from: Worker, what: Try): Promise<Tried | null> {
    from.postMessage(what)
    return answer<Tried>(from, 30_000)
  }

  return {
    close,
    async survey(): Promise<Survey> {
      worker ??= await start()
      worker.postMessage('survey')
      const found = await answer<Survey>(worker, 900_000)
      if (!found) throw new Error('the tests do not end')
      return found
    },
    /** After a test that did not end the thread is another one. */
    async try(what: Try): Promise<Tried> {
      worker ??= await start()
      const tried = await ask(worker, what)
      if (!tried || tried.late) await close()
      return tried ?? { failed: what.tests[0]?.[0] ?? null, late: true }
    },
    /** Tries it in a thread of its own, where it is there from the first import on. */
    async tryFresh(what: Try & { mutant: string }): Promise<Tried> {
      const own = await start(what.mutant).catch(() => null)
      const first = what.tests[0]?.[0] ?? null
      if (!own) return { failed: first, late: false }
      const tried = await ask(own, what)
      await end(own)
      return tried ?? { failed: first, late: true }
    },
  }
}
