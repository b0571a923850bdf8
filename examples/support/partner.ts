import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Jackpot, JackpotVerifiedNotification } from '#sdk/index.ts'

/** What a partner's server came to know, and asked its own server for it. */
export type Believed = Extract<JackpotVerifiedNotification, { ok: true }>

/**
 * The server of a partner, on this machine: one page, with the frame in which a person chooses, and an address for notifications.
 * A notification has no signature, so each is held against what the server answers when it is asked.
 */
export async function startPartner(
  jackpot: Jackpot,
  { script, onNotification }: { script: string; onNotification: (believed: Believed) => Promise<void> },
) {
  const refused: string[] = []
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://partner')
    if (pathname === '/notifications' && request.method === 'POST') {
      let body = ''
      for await (const chunk of request) body += chunk
      try {
        const verified = await jackpot.verifyNotification(body)
        if (verified.ok) await onNotification(verified)
        else refused.push(verified.refusal)
        response.writeHead(verified.ok ? 200 : 400).end()
      } catch {
        // What could not be asked or done now comes again.
        response.writeHead(500).end()
      }
      return
    }
    if (pathname !== '/') return void response.writeHead(404).end()
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
    response.end(page(script, sessions.get(searchParams.get('person') ?? '') ?? ''))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  /** Tokens of sessions, by the person that they are for. */
  const sessions = new Map<string, string>()
  return {
    port,
    sessions,
    /** Why notifications were not believed. */
    refused,
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}

const page = (script: string, session: string) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Quiz night</title>
<style>body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 sans-serif }</style>
<h1>You have won!</h1>
<script src="${script}" data-session="${session}" data-into="#prize"></script>
<div id="prize"></div>
<p id="news"></p>
<script>for (const name of ['reserved', 'ready', 'failed']) addEventListener('jackpot:' + name, () => { news.textContent = name })</script>
</html>`
