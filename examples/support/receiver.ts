import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Notification = { header(name: string): string | undefined; body: string }

/** Tells what a notification says, or throws because it must not be believed. */
export type Reader = (notification: Notification) => Promise<Record<string, unknown>>

/**
 * A server on this machine with an address for each form of notification. It answers 200 to what it believes, 400 to what it does
 * not, and 500 where it could not find out: then it is told again.
 */
export async function startReceiver(
  readers: Record<string, Reader>,
  onNotice: (path: string, facts: Record<string, unknown>) => void,
) {
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://receiver').pathname
    const reader = request.method === 'POST' ? readers[path] : undefined
    if (!reader) return void response.writeHead(404).end()
    // The bytes as they came: a body that was parsed and written anew has another signature.
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString()
    try {
      const facts = await reader({ header: (name) => request.headers[name]?.toString(), body })
      response.writeHead(200).end()
      onNotice(path, facts)
    } catch (error) {
      response.writeHead(error instanceof NotBelieved ? 400 : 500).end()
      onNotice(path, { refused: (error as Error).message })
    }
  })
  server.listen(Number(process.env.RECEIVER_PORT || 0), '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** The notification is not what it pretends to be. */
export class NotBelieved extends Error {}
