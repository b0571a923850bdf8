import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect as netConnect } from 'node:net'
import { createAddressRules } from '../../src/delivery/address-rules.ts'
import { type DispatcherDeps, dispatchDeliveries } from '../../src/delivery/dispatcher.ts'
import type { DeliveryForm } from '../../src/delivery/form.ts'
import type { Database } from '../../src/storage/database.ts'
import { type NewDelivery, queueDelivery } from '../../src/storage/deliveries.ts'
import { createTestDatabase } from '../support/database.ts'

export type Received = { path: string; headers: IncomingMessage['headers']; body: string }

/** A receiver on this machine; `answer` decides, by default 204. */
export async function startReceiver(
  answer: (received: Received, res: ServerResponse) => unknown = (_, res) => res.writeHead(204).end(),
) {
  const received: Received[] = []
  const server = createServer((req, res) => {
    let body = ''
    req.on('data', (chunk) => {
      body += chunk
    })
    req.on('end', () => {
      const one = { path: req.url ?? '', headers: req.headers, body }
      received.push(one)
      answer(one, res)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    received,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A form that sends the facts as they are, to the delivery's own address. */
export const plainForm = (more: Partial<DeliveryForm> = {}): DeliveryForm => ({
  name: 'webhook',
  pauses: [50, 50, 50],
  prepare: async ({ url, body, id, attempt }) => ({
    url: url as string,
    headers: { 'content-type': 'application/json', 'x-id': id, 'x-attempt': String(attempt) },
    body,
  }),
  ...more,
})

/** A database with dispatchers on it, as many as a test wants: each is what one server process has. */
export async function createDeliveryWorld() {
  const { db, drop } = await createTestDatabase()
  const stopping: AbortController[] = []
  const running: Promise<void>[] = []
  const faults: unknown[] = []
  return {
    db,
    faults,
    start(more: Partial<DispatcherDeps> = {}): () => Promise<void> {
      const controller = new AbortController()
      const work = dispatchDeliveries(
        {
          db,
          forms: [plainForm()],
          clock: Date.now,
          wall: Date.now,
          rules: createAddressRules(['127.0.0.0/8']),
          quoteInside: true,
          interval: 20,
          timeout: 1000,
          log: { error: (fields) => void faults.push(fields) },
          // Whatever the guard lets through: nothing but this machine is ever dialled by a test.
          connect: (_, port) => netConnect({ host: '127.0.0.1', port }),
          ...more,
        },
        controller.signal,
      )
      stopping.push(controller)
      running.push(work)
      return async () => {
        controller.abort()
        await work
      }
    },
    queue: (more: Partial<NewDelivery> = {}, of: Pick<Database, 'query'> = db) => queue(of, more),
    async rows() {
      return db.query<{ id: string; status: string; attempts: number; object: string; next_attempt_at: Date }>(
        'select id, status, attempts, object, next_attempt_at from delivery order by sequence',
      )
    },
    async attempts() {
      return db.query<{
        number: number
        status: number | null
        error: string | null
        excerpt: string | null
        ms: number
      }>('select number, status, error, excerpt, ms from delivery_attempt order by at, number')
    },
    async close() {
      for (const controller of stopping) controller.abort()
      await Promise.all(running)
      await drop()
    },
  }
}

async function queue(sql: Pick<Database, 'query'>, more: Partial<NewDelivery>): Promise<string> {
  const id = randomUUID()
  await queueDelivery(
    sql,
    {
      id,
      form: 'webhook',
      receiver: '00000000-0000-4000-8000-000000000001',
      url: null,
      object: `thing:${id}`,
      topic: 'thing.done',
      body: '{}',
      ...more,
    },
    Date.now(),
  )
  return id
}
