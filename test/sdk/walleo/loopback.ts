import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

export type Seen = { method: string; target: string; headers: IncomingHttpHeaders; body: string }
export type Reply = { status: number; headers?: Record<string, string>; body: string | Uint8Array }

/** What goes wrong with one request. `lost`, `instead`: the server does its work; `before`: it does nothing. */
export type Fault =
  | { kind: 'unreached' | 'lost' | 'cut' | 'slow' | 'hang' }
  | { kind: 'instead' | 'before'; reply: Reply }
  | { kind: 'altered'; alter: (body: string) => string }

export type Loopback = { url: string; seen: Seen[]; faults: Fault[] }

/** An HTTP server on loopback. Each request uses up one of `faults`; those that come after them are answered as they should be. */
export async function startLoopback(t: TestContext, answer: (seen: Seen) => Reply): Promise<Loopback> {
  const seen: Seen[] = []
  const faults: Fault[] = []
  const server = createServer(async (request, response) => {
    const { method = '', url: target = '', headers } = request
    const fault = faults.shift()
    if (fault?.kind === 'unreached') {
      response.destroy()
      return
    }
    let body = ''
    for await (const chunk of request) body += chunk
    const one = { method, target, headers, body }
    seen.push(one)
    let reply: Reply
    try {
      reply = fault?.kind === 'before' ? fault.reply : answer(one)
    } catch (error) {
      reply = { status: 599, body: String(error) }
    }
    fail(response, reply, fault)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, faults }
}

function fail(response: ServerResponse, reply: Reply, fault: Fault | undefined) {
  const write = ({ status, headers, body }: Reply) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(body)
  }
  switch (fault?.kind) {
    case 'lost':
      response.destroy()
      break
    case 'cut':
      response.writeHead(reply.status, { 'content-length': String(Buffer.byteLength(reply.body)) })
      response.write(reply.body.slice(0, 10), () => response.destroy())
      break
    case 'slow':
      setTimeout(() => write(reply), 900).unref()
      break
    case 'hang':
      response.writeHead(reply.status)
      response.write(reply.body.slice(0, 1))
      break
    case 'instead':
      write(fault.reply)
      break
    case 'altered':
      write({ ...reply, body: fault.alter(String(reply.body)) })
      break
    default:
      write(reply)
  }
}

export const json = (status: number, value: unknown, headers: Record<string, string> = {}): Reply => ({
  status,
  headers,
  body: JSON.stringify(value),
})

export const instead = (status: number, body: string, headers: Record<string, string> = {}): Fault => ({
  kind: 'instead',
  reply: { status, headers, body },
})

/** A JSON body with the value of every member of that name replaced. */
export const replacing =
  (name: string, value: unknown): ((body: string) => string) =>
  (body) =>
    JSON.stringify(JSON.parse(body, (member, old) => (member === name ? value : old)))
