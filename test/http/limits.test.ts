import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { createRequestAddress } from '../../src/credentials/address.ts'
import { createRefusalPage } from '../../src/pages/consent/refusal-page.ts'
import { createSignedIn } from '../../src/pages/consent/signed-in.ts'
import { createOauth } from '../../src/protocols/oauth/oauth.ts'
import { createServer } from '../../src/server.ts'
import { type SandboxServer, startSandboxServer } from '../support/server.ts'

let server: SandboxServer
let port: number
before(async () => {
  server = await startSandboxServer()
  port = Number(new URL(server.url).port)
  // What is not wallets and OAuth is read when it is first asked for, which takes longer than `raw` waits.
  await fetch(server.url)
})
after(() => server.stop())

/** Sends bytes as they are. @returns what came back until the connection ended, or half a second after the last of it */
function raw(text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(text, 'latin1'))
    socket.setTimeout(500, () => socket.destroy())
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(answer))
  })
}

const statuses = (answer: string) => [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
const HOST = 'Host: localhost\r\n'
const INNER = `GET /healthz HTTP/1.1\r\n${HOST}\r\n`

describe('a request whose length can be read in two ways is refused, and what follows it is not taken for another', () => {
  const body = 'grant_type=x'
  const post = (headers: string, content: string) =>
    `POST /oauth/token HTTP/1.1\r\n${HOST}Content-Type: application/x-www-form-urlencoded\r\n${headers}\r\n${content}`
  const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
  const forms: Record<string, string> = {
    'Content-Length and Transfer-Encoding': post('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', chunked),
    'Transfer-Encoding and Content-Length': post('Transfer-Encoding: chunked\r\nContent-Length: 4\r\n', chunked),
    'two lengths': post(`Content-Length: ${body.length}\r\nContent-Length: 4\r\n`, body),
    'the same length twice': post(`Content-Length: ${body.length}\r\nContent-Length: ${body.length}\r\n`, body),
    'a list of lengths': post(`Content-Length: ${body.length}, ${body.length}\r\n`, body),
    'a signed length': post(`Content-Length: +${body.length}\r\n`, body),
    'a hexadecimal length': post('Content-Length: 0xc\r\n', body),
    'an unknown coding': post('Transfer-Encoding: identity\r\n', body),
    'a coding after chunked': post('Transfer-Encoding: chunked, gzip\r\n', chunked),
    'a blank before the colon': post(`Content-Length : ${body.length}\r\n`, body),
    'a folded header': post(`X-A: a\r\n b\r\nContent-Length: ${body.length}\r\n`, body),
    'a line that ends in a bare line feed': post(`X-A: a\nContent-Length: ${body.length}\r\n`, body),
    'a bare carriage return in a header': post(`X-A: a\rb\r\nContent-Length: ${body.length}\r\n`, body),
    'a NUL in a header': post(`X-A: a\0b\r\nContent-Length: ${body.length}\r\n`, body),
    'a chunk size that is none': post('Transfer-Encoding: chunked\r\n', `0x${chunked}`),
    'a chunk size with a sign': post('Transfer-Encoding: chunked\r\n', `+${chunked}`),
    'a chunk that is longer than it says': post('Transfer-Encoding: chunked\r\n', `4\r\n${body}\r\n0\r\n\r\n`),
    'a chunk that ends in a bare line feed': post('Transfer-Encoding: chunked\r\n', `c\n${body}\n0\n\n`),
    'a chunk size beyond all numbers': post(
      'Transfer-Encoding: chunked\r\n',
      `ffffffffffffffff1\r\n${body}\r\n0\r\n\r\n`,
    ),
    'a header name with a blank': post(`Content Length: 1\r\nContent-Length: ${body.length}\r\n`, body),
    'no name of a host': `GET /healthz HTTP/1.1\r\n\r\n`,
    'another version': `GET /healthz HTTP/3.7\r\n${HOST}\r\n`,
    'a method that is none': `G\x00T /healthz HTTP/1.1\r\n${HOST}\r\n`,
    'a blank in the address': `GET /health z HTTP/1.1\r\n${HOST}\r\n`,
  }
  for (const [name, text] of Object.entries(forms)) {
    test(name, async () => {
      const found = statuses(await raw(text + INNER))
      assert.equal(found[0], 400, `${found}`)
      assert.equal(found.length, 1, 'what came after it was answered')
    })
  }

  test('chunk extensions are taken where they are short, and end the connection where they are long', async () => {
    const short = post('Transfer-Encoding: chunked\r\n', `c;a=b\r\n${body}\r\n0\r\n\r\n`)
    assert.deepEqual(statuses(await raw(short + INNER)), [400, 200])
    const long = post('Transfer-Encoding: chunked\r\n', `c;${'a'.repeat(20_000)}\r\n${body}\r\n0\r\n\r\n`)
    assert.doesNotMatch(await raw(long + INNER), /HTTP\/1\.1 200/)
  })
})

describe('how many connections there may be', () => {
  test('ten thousand of each process; what comes beyond is closed, and who is there is served', async () => {
    const { assembly } = server
    const people = { signedIn: createSignedIn(assembly), refusalPage: createRefusalPage() }
    const parts = { publicUrls: [server.url], people, addressOf: createRequestAddress([]) }
    const oauth = await createOauth({ ...assembly, ...parts })
    const listener = createServer({ ...assembly, oauth, readiness: { ready: true } })
    assert.equal(listener.maxConnections, 10_000)
    listener.maxConnections = 3
    const sockets: Socket[] = []
    try {
      await new Promise<void>((resolve) => void listener.listen(0, '127.0.0.1', resolve))
      const { port } = listener.address() as AddressInfo
      const ends: boolean[] = []
      for (let i = 0; i < 6; i += 1) {
        const socket = connect(port, '127.0.0.1')
        sockets.push(socket)
        socket.on('error', () => {})
        socket.on('close', () => {
          ends[i] = true
        })
        await once(socket, 'connect')
      }
      await Promise.all(sockets.slice(3).map((socket) => ends[sockets.indexOf(socket)] || once(socket, 'close')))
      assert.deepEqual(Object.keys(ends), ['3', '4', '5'])
      sockets[0]?.write(`GET /healthz HTTP/1.1\r\n${HOST}\r\n`)
      const [answer] = await once(sockets[0] as Socket, 'data')
      assert.match(String(answer), /^HTTP\/1\.1 200/)
    } finally {
      for (const socket of sockets) socket.destroy()
      listener.closeAllConnections()
      listener.close()
    }
  })
})

describe('what one connection may ask', () => {
  test('requests in a row are answered in their order', async () => {
    const answer = await raw(INNER.repeat(20))
    assert.deepEqual(
      statuses(answer),
      Array.from({ length: 20 }, () => 200),
    )
  })

  test('16 KiB of headers, and no more', async () => {
    assert.deepEqual(statuses(await raw(`GET /healthz HTTP/1.1\r\n${HOST}X-A: ${'a'.repeat(15_000)}\r\n\r\n`)), [200])
    assert.deepEqual(statuses(await raw(`GET /healthz HTTP/1.1\r\n${HOST}X-A: ${'a'.repeat(17_000)}\r\n\r\n`)), [431])
    assert.deepEqual(statuses(await raw(`GET /${'a'.repeat(17_000)} HTTP/1.1\r\n${HOST}\r\n`)), [431])
    assert.deepEqual(statuses(await raw(`GET /healthz HTTP/1.1\r\n${HOST}${'A: a\r\n'.repeat(4_000)}\r\n`)), [431])
  })

  test('a body of a fixed size at most, whether it says so or not', async () => {
    const size = 70_000
    for (const path of [
      '/oauth/token',
      '/us:1:USD/payments',
      '/partners/v1/gift-card-purchases',
      '/api/v2/digital/issue',
      '/v2/token',
      '/admin/v1/parties',
    ]) {
      const head = `POST ${path} HTTP/1.1\r\n${HOST}Connection: close\r\nContent-Type: application/json\r\n`
      const told = statuses(await raw(`${head}Content-Length: ${size}\r\n\r\n${'x'.repeat(size)}`))
      const untold = statuses(
        await raw(`${head}Transfer-Encoding: chunked\r\n\r\n${size.toString(16)}\r\n${'x'.repeat(size)}\r\n0\r\n\r\n`),
      )
      for (const [status = 0] of [told, untold]) assert.ok(status >= 400 && status < 500, `${path} ${told} ${untold}`)
    }
  })

  test('a deep JSON text is refused like any other wrong one', async () => {
    const deep = '['.repeat(30_000) + ']'.repeat(30_000)
    for (const path of ['/oauth/token', '/us:1:USD/payments', '/v2/token', '/admin/v1/parties']) {
      const text = `POST ${path} HTTP/1.1\r\n${HOST}Connection: close\r\nContent-Type: application/json\r\nContent-Length: ${deep.length}\r\n\r\n${deep}`
      const [status = 0] = statuses(await raw(text))
      assert.ok(status >= 400 && status < 500, `${path} ${status}`)
    }
    assert.deepEqual(server.faults, [])
  })
})
