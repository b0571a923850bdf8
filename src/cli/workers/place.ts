import type { WorkerPlace } from '../../metrics.ts'
import { mergeMetrics } from './merge-metrics.ts'
import type { FromWorker, ToWorker } from './messages.ts'

/** A worker's own figures are better than none when the primary process does not answer; ms. */
const PATIENCE = 2_000

type Counted = Extract<ToWorker, { kind: 'counted' }>

/** This process' place among the workers: whoever asks it for figures gets those of all. */
export function createPlace(number: number): WorkerPlace & { hear(message: ToWorker): void } {
  const asked = new Map<number, (counted: Counted | null) => void>()
  let own: (() => Promise<string>) | undefined
  let next = 0

  function others(): Promise<Counted | null> {
    const id = ++next
    return new Promise((resolve) => {
      const answer = (counted: Counted | null) => {
        clearTimeout(timer)
        asked.delete(id)
        resolve(counted)
      }
      const timer = setTimeout(answer, PATIENCE, null)
      asked.set(id, answer)
      toPrimary({ kind: 'gather', id })
    })
  }

  return {
    number,
    async gather(count) {
      const [mine, counted] = await Promise.all([count(), others()])
      const whole = mergeMetrics([mine, ...(counted?.texts ?? [])])
      return counted ? `${whole}\n${ofAll(counted)}` : whole
    },
    introduce(count) {
      own = count
    },
    hear(message) {
      if (message.kind === 'counted') asked.get(message.id)?.(message)
      if (message.kind !== 'count') return
      const { id } = message
      // Whoever asked goes on without a worker that cannot count.
      own?.().then(
        (text) => toPrimary({ kind: 'count', id, text }),
        () => {},
      )
    },
  }
}

const ofAll = ({ texts, restarts }: Counted) => `# HELP billfold_workers Worker processes that answered this request
# TYPE billfold_workers gauge
billfold_workers ${texts.length + 1}

# HELP billfold_worker_restarts_total Workers that took the place of one that died
# TYPE billfold_worker_restarts_total counter
billfold_worker_restarts_total ${restarts}
`

/** For a primary process that is gone there is nothing to say. */
export function toPrimary(message: FromWorker): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {})
}
