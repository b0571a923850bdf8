import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type SandboxServer, startSandboxServer } from '../support/server.ts'
import { openApis } from './http/apis.ts'
import { countBooks, createHttpFuzzer } from './http/fuzzer.ts'

let server: SandboxServer
before(async () => {
  server = await startSandboxServer()
})
after(() => server.stop())

test('changed requests of every document are answered in their protocol’s own form, never with a fault, and refusals write nothing', async () => {
  const apis = await openApis(server)
  const fuzzer = createHttpFuzzer(server, apis)
  for (let number = 1; number <= 200; number++) {
    const books = await countBooks(server)
    const status = await fuzzer.input(number)
    if (status >= 400) assert.equal(await countBooks(server), books, `input ${number}`)
  }
  assert.deepEqual(fuzzer.findings, [])
  assert.deepEqual(server.faults, [])
  await server.assertClean()
})
