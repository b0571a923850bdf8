import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPipelineThread, openPipelineThread } from '../../src/storage/pipeline-thread.ts'
import { createTestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/server-process.ts'

test('a connection that cannot be made leaves no thread behind, which would keep a server from ending', async () => {
  const connection = { host: '127.0.0.1', port: await freePort(), user: 'nobody', database: 'none' }
  const ports = () => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length
  const before = ports()
  await assert.rejects(openPipelineThread({ connection, settings: [], deadline: 1_000 }), /ECONNREFUSED/)
  // A port that was closed goes a moment later.
  await eventually(() => ports() === before)
})

test('a connection that was lost is replaced in the same thread, and what was asked of the lost one fails', async () => {
  const { db, drop } = await createTestDatabase()
  const thread = createPipelineThread({ connection: db.connection, settings: [], deadline: 10_000 })
  try {
    const ask = async (text: string) => (await pipeline.run([{ text }]))[0]?.rows[0]?.[0]
    let pipeline = await thread.open()
    const first = await ask('select pg_backend_pid()')
    await assert.rejects(ask('select pg_terminate_backend(pg_backend_pid())'))
    await pipeline.close()
    await assert.rejects(pipeline.run([{ text: 'select 1' }]), /closed/)
    const workers = process.getActiveResourcesInfo().filter((name) => name === 'Worker').length
    pipeline = await thread.open()
    assert.notEqual(await ask('select pg_backend_pid()'), first)
    assert.equal(process.getActiveResourcesInfo().filter((name) => name === 'Worker').length, workers)
    await thread.close()
    await assert.rejects(pipeline.run([{ text: 'select 1' }]), /ended|closed/)
    // Whoever asks again gets another one.
    pipeline = await thread.open()
    assert.equal(await ask('select 7'), '7')
  } finally {
    await thread.close()
    await drop()
  }
})
