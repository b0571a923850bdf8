import assert from 'node:assert/strict'
import test from 'node:test'
import { WebWalletError } from '#sdk/webwallet/error.ts'
import type { ConnectionOptions } from '#sdk/webwallet/options.ts'
import { createTransport, type HttpRequest } from '#sdk/webwallet/transport.ts'

const request: HttpRequest = { method: 'POST', url: 'http://127.0.0.1:9/', headers: () => ({}) }

/** A network that never answers, each attempt given up as its signal says. */
function silence() {
  const attempts: number[] = []
  const started = performance.now()
  const nothing: ConnectionOptions['fetch'] = (_, init) => {
    attempts.push(performance.now() - started)
    return new Promise((_, reject) => {
      // Only a signal's timer is running meanwhile, and it keeps no process alive.
      const alive = setTimeout(() => {}, 10_000)
      init?.signal?.addEventListener('abort', () => {
        clearTimeout(alive)
        reject(init.signal?.reason)
      })
    })
  }
  return { attempts, nothing }
}

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'answered',
    (error: WebWalletError) => error.code,
  )

test('what may be repeated only for a while begins no attempt after it, and leaves the last one its whole time', async () => {
  const { attempts, nothing } = silence()
  const send = createTransport({ fetch: nothing, timeout: 1_200, retry: { times: 2, delay: 1 } })
  const from = performance.now()
  assert.equal(await codeOf(send({ ...request, repeatWithin: 900 })), 'timeout')
  assert.equal(attempts.length, 3)
  assert.ok((attempts[2] as number) < 900, String(attempts))
  assert.ok(performance.now() - from >= (attempts[2] as number) + 1_190)
})

test('a wait that a server asks for is not kept when the time for repetitions is over by then', async () => {
  let asked = 0
  const busy: ConnectionOptions['fetch'] = async () => {
    asked += 1
    return new Response('', { status: 503, headers: { 'retry-after': '5' } })
  }
  const send = createTransport({ fetch: busy })
  const answer = await send({ ...request, repeatWithin: 1_000 })
  assert.deepEqual([answer.status, asked], [503, 1])
})

test('what can be done only once is sent once', async () => {
  const { attempts, nothing } = silence()
  const send = createTransport({ fetch: nothing, timeout: 20, retry: { delay: 1 } })
  assert.equal(await codeOf(send({ ...request, repeatWithin: 0 })), 'timeout')
  assert.equal(attempts.length, 1)
})

test('each attempt has headers of its own, and a defect in making them is no failure of the network', async () => {
  let made = 0
  const seen: (string | null)[] = []
  const send = createTransport({
    retry: { delay: 1 },
    fetch: async (_, init) => {
      seen.push(new Headers(init?.headers).get('proof'))
      throw new TypeError('unreachable')
    },
  })
  const headers = () => {
    made += 1
    return { proof: String(made) }
  }
  assert.equal(await codeOf(send({ ...request, headers })), 'network-failure')
  assert.deepEqual(seen, ['1', '2', '3'])
  const broken = send({
    ...request,
    headers: () => {
      throw new RangeError('no key')
    },
  })
  await assert.rejects(broken, (error) => error instanceof RangeError && !(error instanceof WebWalletError))
})
