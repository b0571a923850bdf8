import assert from 'node:assert/strict'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { test } from 'node:test'
import { portProblem } from '../../src/cli/port-problem.ts'

const refusalOf = (place: { host: string; port: number }) =>
  once(createServer().listen(place), 'listening').then(
    ([server]) => assert.fail(`listens: ${server}`),
    (error) => portProblem(error, place).message,
  )

test('what keeps a server from its place is told by what to do about it', async () => {
  const host = '127.0.0.1'
  const taken: Server = createServer().listen(0, host)
  await once(taken, 'listening')
  const { port } = taken.address() as { port: number }
  assert.match(await refusalOf({ host, port }), new RegExp(`^port ${port} is taken: choose another`))
  taken.close()
  for (const elsewhere of ['192.0.2.1', 'nobody.invalid'])
    assert.equal(await refusalOf({ host: elsewhere, port }), 'HOST is no address of this machine')
})

test('a name that is not the host’s, such as the database’s, is somebody else’s to tell of', async () => {
  const error = await lookup('database.invalid').catch((problem) => problem)
  assert.equal(portProblem(error, { host: '127.0.0.1', port: 8080 }), error)
})
