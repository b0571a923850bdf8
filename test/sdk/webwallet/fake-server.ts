import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { checkEnvelope, readEnvelope, sealEnvelope } from '#sdk/protocol/envelope.ts'
import { type JsonObject, parseExactJson } from '#sdk/protocol/exact-json.ts'
import { createMac, createSigningKey } from '../../../src/credentials/envelope.ts'

export type Seen = { method: string; path: string; key: string | undefined; token: string; payload: JsonObject | null }
export type Reply = {
  status?: number
  headers?: Record<string, string>
  payload?: JsonObject
  body?: string
  hangUp?: boolean
}

export const signingSecret = 'a signing secret of the test, 32 bytes long'
const mac = createMac(createSigningKey(signingSecret))

/** An HTTP server on loopback that speaks the wallet API as the documents say; each test scripts its answers. */
export async function startFakeServer(answer: (seen: Seen, count: number) => Reply) {
  const requests: Seen[] = []
  const tokens: { authorization: string | undefined; body: string }[] = []
  let lifetime = 600
  let tokenReply: Reply | null = null

  async function handle(request: IncomingMessage, response: ServerResponse) {
    let body = ''
    for await (const chunk of request) body += chunk
    const path = request.url ?? ''
    if (path === '/oauth/token') {
      tokens.push({ authorization: request.headers.authorization, body })
      const granted = { access_token: `token-${tokens.length}`, token_type: 'Bearer', expires_in: lifetime }
      return write(response, tokenReply ?? { body: JSON.stringify(granted) })
    }
    const envelope = body === '' ? null : readEnvelope(parseExactJson(body))
    if (envelope) checkEnvelope(envelope, mac)
    const seen = {
      method: request.method ?? '',
      path,
      key: request.headers['idempotency-key'] as string | undefined,
      token: (request.headers.authorization ?? '').replace('Bearer ', ''),
      payload: envelope?.payload ?? null,
    }
    requests.push(seen)
    write(response, answer(seen, requests.length))
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error) => write(response, { status: 500, body: String(error) }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    tokens,
    setLifetime(seconds: number) {
      lifetime = seconds
    },
    setTokenReply(reply: Reply) {
      tokenReply = reply
    },
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function write(response: ServerResponse, { status = 200, headers = {}, payload, body, hangUp }: Reply) {
  if (hangUp) {
    response.destroy()
    return
  }
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(body ?? sealEnvelope(payload ?? {}, mac))
}

/** The answer to a payment that went well. */
export const receipt = ({ payload }: Seen): Reply => ({
  payload: { ...payload, timestamp: '2026-01-02T03:04:05.678Z', reference: 'ref-1', success: true },
})
