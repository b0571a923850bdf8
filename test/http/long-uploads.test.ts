import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { allowUploads, beginUpload } from '../../src/http/long-uploads.ts'

let server: Server
let port: number

before(async () => {
  server = createServer(
    { requestTimeout: 300, headersTimeout: 200, connectionsCheckingInterval: 50 },
    async (req, res) => {
      const end = req.url === '/upload' ? beginUpload(req, 400) : null
      try {
        let size = 0
        for await (const chunk of req) size += chunk.length
        res.end(String(size))
      } catch {
        res.destroy()
      } finally {
        end?.()
      }
    },
  )
  allowUploads(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
after(() => {
  server.closeAllConnections()
  server.close()
})

/** Sends pieces with pauses. @returns the answer, or what became of the connection */
function drip(path: string, pieces: number, pause: number): Promise<string> {
  return new Promise((resolve) => {
    const req = request({ port, path, method: 'POST' }, async (res: IncomingMessage) => {
      let text = ''
      for await (const chunk of res) text += chunk
      resolve(`${res.statusCode} ${text}`)
    })
    req.on('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)))
    void (async () => {
      for (let i = 0; i < pieces; i++) {
        req.write('x'.repeat(10))
        await delay(pause)
      }
      req.end()
    })()
  })
}

const raw = (text: string): Promise<string> =>
  new Promise((resolve) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(answer.split('\r\n')[0] ?? ''))
  })

describe('a request that takes long', () => {
  test('is ended with 408 when it is no upload', async () => {
    // Who still writes when the server closes may lose the answer to a reset; who only waits gets it.
    const waiting = raw('POST /other HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\nxxx')
    assert.match(await waiting, /^HTTP\/1\.1 408 /)
    assert.match(await drip('/other', 10, 100), /^408 $|ECONNRESET|EPIPE/)
  })

  test('goes on when it is an upload that keeps coming', async () =>
    assert.equal(await drip('/upload', 12, 100), '200 120'))

  test('is ended when it is an upload that stopped coming', async () =>
    assert.match(await drip('/upload', 2, 1500), /ECONNRESET|EPIPE/))
})

test('what is no HTTP, or too much of it, is answered as before', async () => {
  assert.equal(await raw('no http\r\n\r\n'), 'HTTP/1.1 400 Bad Request')
  assert.equal(
    await raw(`GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`),
    'HTTP/1.1 431 Request Header Fields Too Large',
  )
  assert.equal(await raw('GET / HTTP/1.1\r\nhost: x\r\n'), 'HTTP/1.1 408 Request Timeout')
})
