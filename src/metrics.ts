import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** Where a server stands that is one of several on one port. */
export type WorkerPlace = {
  readonly number: number
  /** Hands over how its own figures are had, for others to ask. */
  introduce(count: () => Promise<string>): void
  /** Its own figures and those of the others. */
  gather(count: () => Promise<string>): Promise<string>
}

export type Metrics = {
  readonly registry: Registry
  /** all figures, in Prometheus' text form; of all workers where there are several, each under its label `worker` */
  text(): Promise<string>
  /** @param route the route's pattern, never the path: a path would make a series per wallet */
  request(family: string, route: string, status: number, seconds: number): void
  /** one ledger commit of so many commands, decided on accounts that were remembered or locked */
  batch(commands: number, seconds: number, decided: 'ahead' | 'locked'): void
  /** one ledger commit that found an account changed by another server */
  stale(): void
  /** one attempt to deliver a notification */
  delivery(form: string, outcome: string): void
  /** how many deliveries wait, in the whole database */
  deliveriesWaiting(count: number): void
  /** calls of partners and merchants that the call log does not have, and why */
  callsDropped(why: string, calls: number): void
}

export function createMetrics(place?: WorkerPlace): Metrics {
  const registry = new Registry()
  const count = () => registry.metrics()
  if (place) {
    registry.setDefaultLabels({ worker: String(place.number) })
    place.introduce(count)
  }
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'billfold_http_request_seconds',
    help: 'Time to answer, by protocol family, route pattern and status',
    labelNames: ['family', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers: [registry],
  })
  const batches = new Histogram({
    name: 'billfold_ledger_commit_seconds',
    help: 'Time from lock, or decision, to commit of one batch',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers: [registry],
  })
  const commands = new Counter({
    name: 'billfold_ledger_commands_total',
    help: 'Commands that batches carried',
    registers: [registry],
  })
  const decisions = new Counter({
    name: 'billfold_ledger_batches_total',
    help: 'Batches by how they were decided: ahead (on remembered accounts), locked, stale (ahead, but another server had changed an account: done again under lock)',
    labelNames: ['decided'],
    registers: [registry],
  })
  const attempts = new Counter({
    name: 'billfold_delivery_attempts_total',
    help: 'Attempts to deliver notifications, by form and outcome: delivered, waiting (tried again later), failed (given up)',
    labelNames: ['form', 'outcome'],
    registers: [registry],
  })
  const waiting = new Gauge({
    name: 'billfold_deliveries_waiting',
    help: 'Notifications that are not delivered yet, of all servers of the database',
    registers: [registry],
  })
  const dropped = new Counter({
    name: 'billfold_calls_dropped_total',
    help: 'Calls of partners and merchants that were not written into the call log: full (too many waited), unproven (too many under one key that proved nothing), refused (by the database)',
    labelNames: ['why'],
    registers: [registry],
  })
  // Looking a series up by its labels costs more than observing it.
  const series = new Map<string, { observe(seconds: number): void }>()
  return {
    registry,
    text: () => (place ? place.gather(count) : count()),
    request(family, route, status, seconds) {
      const key = `${family} ${route} ${status}`
      let one = series.get(key)
      if (!one) {
        one = requests.labels(family, route, String(status))
        series.set(key, one)
      }
      one.observe(seconds)
    },
    delivery: (form, outcome) => attempts.inc({ form, outcome }),
    deliveriesWaiting: (count) => waiting.set(count),
    callsDropped: (why, calls) => dropped.inc({ why }, calls),
    batch(size, seconds, decided) {
      commands.inc(size)
      batches.observe(seconds)
      decisions.inc({ decided })
    },
    stale: () => decisions.inc({ decided: 'stale' }),
  }
}
