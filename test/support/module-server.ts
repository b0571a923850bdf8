import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { stripTypeScriptTypes } from 'node:module'
import type { AddressInfo } from 'node:net'
import { normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('../../sdk/src', import.meta.url))

/** A web site of its own origin on loopback: an empty page, and below `/sdk/` the SDK's modules as a browser takes them. */
export async function startModuleServer() {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://site')
    const answer = (type: string, text: string, status = 200) =>
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(text)
    if (pathname === '/') return answer('text/html', '<!doctype html><title>A shop</title><main>A shop</main>')
    if (!pathname.startsWith('/sdk/') || !pathname.endsWith('.ts')) return answer('text/plain', 'not found', 404)
    const text = await readFile(source + normalize(pathname.slice('/sdk'.length)), 'utf8').catch(() => null)
    if (text === null) return answer('text/plain', 'not found', 404)
    return answer('text/javascript', stripTypeScriptTypes(text))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
