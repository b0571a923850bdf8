import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPipelineThread } from '../../src/storage/pipeline-thread.ts'
import { eventually } from '../support/engines.ts'
import { freePort } from '../support/server-process.ts'

test('a connection that cannot be made leaves no thread behind, which would keep a server from ending', async () => {
  const connection = { host: '127.0.0.1', port: await freePort(), user: 'nobody', database: 'none' }
  const ports = () => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length
  const before = ports()
  await assert.rejects(openPipelineThread({ connection, settings: [], deadline: 1_000 }), /ECONNREFUSED/)
  // A port that was closed goes a moment later.
  await eventually(() => ports() === before)
})
