import assert from 'node:assert/strict'
import { Agent, createServer, request, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { createDrain } from '../../src/http/drain.ts'

let server: Server
let port: number
let drain: (patience: number) => Promise<void>

beforeEach(async () => {
  server = createServer((req, res) => {
    if (req.url === '/never') return
    req.resume().on('end', () => res.end('done'))
  })
  drain = createDrain(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

/** A connection, what came over it, and whether it is over. */
async function connection(): Promise<{ socket: Socket; text(): string; over: Promise<unknown> }> {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  socket.on('error', () => {})
  const over = new Promise((resolve) => socket.on('close', resolve))
  await new Promise<void>((resolve) => socket.on('connect', resolve))
  return { socket, text: () => text, over }
}

async function took(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await work()
  return performance.now() - from
}

const HEAD = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n'

describe('the drain of a server', () => {
  it('does not wait for connections over which nobody has asked anything, or asks anything more', async () => {
    const silent = await connection()
    const agent = new Agent({ keepAlive: true })
    await new Promise((resolve) => request({ port, agent }, (res) => res.resume().on('end', resolve)).end())
    const ms = await took(() => drain(10_000))
    agent.destroy()
    assert.ok(ms < 2_000, `${ms} ms`)
    await silent.over
    assert.equal(silent.text(), '')
  })

  it('answers what has begun, a head that is half there included, and ends its connection', async () => {
    const body = await connection()
    body.socket.write(`${HEAD}ab`)
    const head = await connection()
    head.socket.write(HEAD.slice(0, 20))
    await delay(50)
    const drained = drain(10_000)
    await delay(300)
    body.socket.write('cd')
    head.socket.write(`${HEAD.slice(20)}abcd`)
    await drained
    for (const it of [body, head]) {
      await it.over
      assert.match(it.text(), /^HTTP\/1\.1 200 OK\r\n[\s\S]*done$/)
    }
    // What began after the drain is told that nothing follows.
    assert.match(head.text(), /\r\nconnection: close\r\n/i)
  })

  it('lets a first request come that was on its way', async () => {
    const late = await connection()
    await delay(20)
    const drained = drain(10_000)
    await delay(20)
    late.socket.write(`${HEAD}abcd`)
    await drained
    await late.over
    assert.match(late.text(), /done$/)
  })

  it('ends what is not answered in time', async () => {
    const stuck = await connection()
    stuck.socket.write('GET /never HTTP/1.1\r\nHost: x\r\n\r\n')
    await delay(50)
    const ms = await took(() => drain(300))
    assert.ok(ms >= 290 && ms < 3_000, `${ms} ms`)
    await stuck.over
  })
})
