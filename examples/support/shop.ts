import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Pledg, PledgNotice } from '#sdk/index.ts'

/**
 * A shop on this machine: the pages that customers come back to, and the address that is told of payments. It believes what is
 * signed by its secret, once, and answers everything else with 400.
 */
export async function startShop(pledg: Pick<Pledg, 'verifyNotification'>) {
  const notices = new Map<string, PledgNotice>()
  let refusedCount = 0
  const server = createServer(async (request, response) => {
    if (request.method !== 'POST') {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
      return void response.end('<!doctype html><title>The shop</title><h1>Thank you</h1>')
    }
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const verdict = await pledg.verifyNotification(Buffer.concat(chunks).toString())
    if (verdict.ok) notices.set(verdict.repeat, verdict)
    else refusedCount += 1
    response.writeHead(verdict.ok ? 200 : 400).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** how many notifications were not signed by the shop's secret */
    refused: () => refusedCount,
    /** The first notification of a kind, for which it waits up to a minute. */
    async notified(kind: PledgNotice['kind']): Promise<PledgNotice> {
      for (let waited = 0; waited < 60_000; waited += 100) {
        const notice = [...notices.values()].find((one) => one.kind === kind)
        if (notice) return notice
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      throw new Error(`no notification of a ${kind} came within a minute`)
    },
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}
