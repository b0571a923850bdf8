import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Instance, runningInstance, takeInstanceLock } from '../../src/engine/instance-lock.ts'
import { identify } from '../../src/engine/process-identity.ts'

const newFolder = () => mkdtemp(join(tmpdir(), 'lock-'))

async function leaveLock(home: string, changes: Partial<Instance>): Promise<void> {
  const self = await identify(process.pid)
  const instance = { ...self, token: 'left-behind', socketFolder: '/tmp/billfold-0123456789ab', ...changes }
  await writeFile(join(home, 'instance.lock'), JSON.stringify(instance))
}

test('a lock is held until it is given back', async () => {
  const home = await newFolder()
  const lock = await takeInstanceLock(home, '/tmp/s')
  assert.equal((await runningInstance(home))?.pid, process.pid)
  await assert.rejects(takeInstanceLock(home, '/tmp/s'), /running on this data already/)
  await lock.release()
  assert.equal(await runningInstance(home), undefined)
  assert.deepEqual(await readdir(home), [])
})

test('a lock whose process is gone is taken over, and tells where its socket was', async () => {
  const home = await newFolder()
  await leaveLock(home, { pid: 2 ** 22 + 1 })
  assert.equal(await runningInstance(home), undefined)
  const lock = await takeInstanceLock(home, '/tmp/s')
  assert.equal(lock.previous?.socketFolder, '/tmp/billfold-0123456789ab')
  assert.deepEqual(await readdir(home), ['instance.lock'])
  await lock.release()
})

test('a process with the number of the former holder, or of an earlier boot, is not taken for it', async () => {
  for (const changes of [{ started: '1' }, { boot: 'an earlier one' }]) {
    const home = await newFolder()
    await leaveLock(home, changes)
    const lock = await takeInstanceLock(home, '/tmp/s')
    await lock.release()
  }
})

test('a lock file that is cut short is taken over', async () => {
  const home = await newFolder()
  await writeFile(join(home, 'instance.lock'), '{"pid":')
  const lock = await takeInstanceLock(home, '/tmp/s')
  assert.equal(JSON.parse(await readFile(join(home, 'instance.lock'), 'utf8')).pid, process.pid)
  await lock.release()
})

test('of many who find the same stale lock one gets it', async () => {
  for (let round = 0; round < 20; round++) {
    const home = await newFolder()
    await leaveLock(home, { pid: 2 ** 22 + 1 })
    const results = await Promise.allSettled(Array.from({ length: 12 }, () => takeInstanceLock(home, '/tmp/s')))
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
    assert.deepEqual(await readdir(home), ['instance.lock'])
  }
})
