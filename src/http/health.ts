import { Hono } from 'hono'
import type { Metrics } from '../metrics.ts'
import type { Database } from '../storage/database.ts'

/** Whether new requests should come here: not before the start is done, nor while the server drains. */
export type Readiness = { ready: boolean }

export const HEALTH_PATHS = ['/healthz', '/readyz', '/metrics']

/** `/healthz`: the process answers. `/readyz`: it can also do its work. `/metrics`: Prometheus text. */
export function createHealth(deps: { db: Database; metrics: Metrics; readiness: Readiness }): Hono {
  const health = new Hono()
  health.get('/healthz', (c) => c.json({ status: 'ok' }))
  health.get('/readyz', async (c) => {
    if (!deps.readiness.ready) return c.json({ status: 'starting or stopping' }, 503)
    const answered = await deps.db.query('select 1').then(
      () => true,
      () => false,
    )
    return answered ? c.json({ status: 'ready' }) : c.json({ status: 'the database does not answer' }, 503)
  })
  health.get('/metrics', async (c) => {
    c.header('content-type', deps.metrics.registry.contentType)
    return c.body(await deps.metrics.text())
  })
  return health
}
