import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The page of the application that owners come back to: a server on this machine, for one visit. */
export async function startCallback() {
  let arrived: (address: string) => void
  const arrival = new Promise<string>((resolve) => {
    arrived = resolve
  })
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', redirectUri)
    if (pathname !== '/callback') return void response.writeHead(404).end()
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'referrer-policy': 'no-referrer' })
    response.end('<!doctype html><title>Corner Café</title><h1>Thank you</h1><p>You may close this window.</p>')
    arrived(new URL(request.url ?? '/', redirectUri).href)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A program on the owner's machine may use any port of the loopback address (RFC 8252, 7.3).
  const redirectUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`
  return {
    redirectUri,
    /** The address that the owner came back to. */
    arrival,
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}
