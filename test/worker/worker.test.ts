import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { runJobs } from '../../src/worker/worker.ts'
import { eventually } from '../support/eventually.ts'

describe('background jobs', () => {
  test('come again after a pause, and never overlap themselves', async () => {
    let running = 0
    let most = 0
    let runs = 0
    const job = {
      name: 'slow',
      interval: 2,
      async run() {
        most = Math.max(most, ++running)
        await delay(10)
        running--
        runs++
      },
    }
    const worker = runJobs([job], { error: () => assert.fail() })
    await delay(150)
    await worker.stop()
    assert.equal(most, 1)
    assert.ok(runs >= 3, `${runs} runs`)
  })

  test('come again after they failed, which is logged', async () => {
    const errors: { job?: string }[] = []
    let runs = 0
    const run = async () => {
      runs++
      throw new Error('no')
    }
    const failing = { name: 'failing', interval: 2, run }
    const worker = runJobs([failing], { error: (fields) => errors.push(fields) })
    await delay(60)
    await worker.stop()
    assert.ok(runs >= 2)
    assert.equal(errors.length, runs)
    assert.equal(errors[0]?.job, 'failing')
  })

  test('that are in hand come to an end before the worker has stopped, and are told to hurry', async () => {
    let begun = false
    let ended = false
    let told = false
    const job = {
      name: 'long',
      interval: 1,
      async run(signal: AbortSignal) {
        begun = true
        signal.addEventListener('abort', () => {
          told = true
        })
        await delay(50)
        ended = true
      },
    }
    const worker = runJobs([job], { error: () => assert.fail() })
    await eventually(() => begun, { every: 1 })
    await worker.stop()
    assert.ok(ended && told)
  })

  test('do not start once the worker is stopped', async () => {
    let runs = 0
    const worker = runJobs([{ name: 'quick', interval: 20, run: async () => runs++ }], { error: () => assert.fail() })
    await worker.stop()
    await delay(40)
    assert.equal(runs, 0)
  })
})
