import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { sealEnvelope } from '#sdk/protocol/envelope.ts'
import { createMac, createSigningKey } from '../src/credentials/envelope.ts'
import type { SandboxFile } from '../src/operations/fill-sandbox.ts'
import { cardRequests } from './card-requests.ts'
import { runLoad } from './http-load.ts'
import { benchWallet, type LoadOrder } from './orders.ts'

/** Makes its requests (token, envelope, key: everything a client would) before the clock starts, then sends them. */
async function load(order: LoadOrder): Promise<void> {
  const sandbox = JSON.parse(await readFile(order.sandbox, 'utf8')) as SandboxFile
  const { gateway } = sandbox.clients
  const basic = Buffer.from(`${gateway.client_id}:${gateway.client_secret}`).toString('base64')
  const host = `127.0.0.1:${order.port}`
  const grant = 'grant_type=client_credentials'
  const post = (path: string, headers: string, type: string, body: string) =>
    Buffer.from(
      `POST ${path} HTTP/1.1\r\nhost: ${host}\r\n${headers}content-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
  const answer = await fetch(`http://${host}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: grant,
  })
  const { access_token } = (await answer.json()) as { access_token: string }
  const bearer = `authorization: Bearer ${access_token}\r\n`
  const mac = createMac(createSigningKey(gateway.signing_secret))
  const any = () => 1 + Math.floor(Math.random() * (order.wallets - 1))

  const payment = () => {
    const payer = any()
    const payee = order.hot ? 0 : payer === order.wallets - 1 ? 1 : payer + 1
    const body = sealEnvelope(
      {
        endpoint: 'payments',
        target: benchWallet(payee),
        amount: 1.25,
        currency: 'USD',
        description: 'coffee and cake',
        metadata: { till: 4 },
      },
      mac,
    )
    return post(
      `/${benchWallet(payer)}/payments`,
      `${bearer}idempotency-key: ${randomUUID()}\r\n`,
      'application/json',
      body,
    )
  }
  const get = (suffix: string) =>
    Buffer.from(`GET /${benchWallet(order.hot ? 0 : any())}/${suffix} HTTP/1.1\r\nhost: ${host}\r\n${bearer}\r\n`)
  const make: Record<LoadOrder['kind'], () => Buffer> = {
    payments: payment,
    balance: () => get('balance'),
    history: () => get('transactions?limit=20'),
    ...cardRequests(order, sandbox),
    token: () => post('/oauth/token', `authorization: Basic ${basic}\r\n`, 'application/x-www-form-urlencoded', grant),
  }

  // What is bought or paid has a key of its own; the others may be sent again.
  const once = ['payments', 'walleo', 'tillo'].includes(order.kind)
  const length = once ? Math.ceil((order.seconds + 1) * (order.rate ?? 14_000)) + order.connections : 2_000
  const requests = Array.from({ length: order.requests ?? length }, make[order.kind])
  let sent = 0
  const next = () => (once ? (requests[sent++] ?? null) : (requests[sent++ % requests.length] as Buffer))
  const { port, connections, seconds, rate } = order
  const counted = order.requests === undefined ? {} : { warmUp: 0 }
  process.send?.(await runLoad({ port, connections, seconds, next, ...(rate ? { rate } : {}), ...counted }))
  process.disconnect()
}

process.once('message', (order: LoadOrder) => {
  void load(order)
})
