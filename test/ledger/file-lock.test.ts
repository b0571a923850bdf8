import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { withFileLock } from '../../src/ledger/file-lock.ts'

async function newPath(after: (hook: () => Promise<void>) => void): Promise<{ path: string; folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'lock-'))
  after(() => rm(folder, { recursive: true }))
  return { path: join(folder, 'file'), folder }
}

test('of those who lock one file one works at a time, and nothing is left behind', async (t) => {
  const { path, folder } = await newPath((hook) => t.after(hook))
  let inside = 0
  const done = await Promise.all(
    Array.from({ length: 16 }, (_, i) =>
      withFileLock(path, async () => {
        assert.equal(++inside, 1)
        assert.deepEqual(await readdir(folder), ['file.lock'])
        assert.equal((await stat(`${path}.lock`)).mode & 0o777, 0o600)
        inside--
        return i
      }),
    ),
  )
  assert.deepEqual(
    done,
    Array.from({ length: 16 }, (_, i) => i),
  )
  assert.deepEqual(await readdir(folder), [])
})

test('a lock is let go when the work fails', async (t) => {
  const { path, folder } = await newPath((hook) => t.after(hook))
  await assert.rejects(
    withFileLock(path, () => Promise.reject(new RangeError('work'))),
    RangeError,
  )
  assert.deepEqual(await readdir(folder), [])
})

test('a lock that was taken away meanwhile spoils nothing', async (t) => {
  const { path, folder } = await newPath((hook) => t.after(hook))
  const done = await withFileLock(path, async () => {
    await rm(`${path}.lock`)
    return 'done'
  })
  assert.equal(done, 'done')
  assert.deepEqual(await readdir(folder), [])
})

test('a lock that cannot be made is told, not waited for', async (t) => {
  const { path } = await newPath((hook) => t.after(hook))
  await assert.rejects(withFileLock(join(path, 'in-no-folder'), delay), { code: 'ENOENT' })
})

for (const [when, ago] of [
  ['too long ago', 2_500],
  ['in the future', -60_000],
] as const) {
  test(`a lock that was made ${when} is taken over`, async (t) => {
    const { path } = await newPath((hook) => t.after(hook))
    await writeFile(`${path}.lock`, '')
    const then = new Date(Date.now() - ago)
    await utimes(`${path}.lock`, then, then)
    assert.equal(await withFileLock(path, async () => 'done'), 'done')
  })
}

test('a lock that was made just now is waited for until it is let go', async (t) => {
  const { path } = await newPath((hook) => t.after(hook))
  await writeFile(`${path}.lock`, '')
  let worked = false
  const waiting = withFileLock(path, async () => {
    worked = true
  })
  await delay(40)
  assert.equal(worked, false)
  await rm(`${path}.lock`)
  await waiting
  assert.equal(worked, true)
})
