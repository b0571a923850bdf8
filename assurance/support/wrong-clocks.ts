import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

// Debian's package `libfaketime`: what a program asks of the time of day is answered out of a file, which may change meanwhile.
const LIBRARY = ['x86_64', 'aarch64']
  .map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketimeMT.so.1`)
  .find((file) => existsSync(file))

const WHO = ['database', 'server-0', 'server-1'] as const
export type Who = (typeof WHO)[number]

export type WrongClocks = {
  /** Puts a clock ahead (or, below 0, behind) by so many seconds; it is felt within a second. */
  set(who: Who, seconds: number): Promise<void>
  /** the environment in which a program has this clock */
  environment(who: Who): Record<string, string>
  /** A PATH by which an engine that is started in this process gets the database's clock. */
  path: string
  remove(): Promise<void>
}

/** Clocks that can be put forth and back; null where the library is missing. */
export async function makeWrongClocks(): Promise<WrongClocks | null> {
  if (LIBRARY === undefined) return null
  const folder = await mkdtemp(join(tmpdir(), 'clocks-'))
  await chmod(folder, 0o755)
  const set = async (who: Who, seconds: number) => {
    // A reader must never find it empty.
    await writeFile(join(folder, `${who}.new`), `${seconds < 0 ? '' : '+'}${seconds}\n`, { mode: 0o644 })
    await rename(join(folder, `${who}.new`), join(folder, who))
  }
  const environment = (who: Who) => ({
    LD_PRELOAD: LIBRARY,
    FAKETIME_TIMESTAMP_FILE: join(folder, who),
    FAKETIME_CACHE_DURATION: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    FAKETIME_DISABLE_SHM: '1',
  })
  for (const who of WHO) await set(who, 0)
  // The engine hands on no variable but PATH, and starts PostgreSQL by the `setpriv` that it finds there.
  const variables = Object.entries(environment('database')).map(([name, value]) => `${name}='${value}'`)
  const script = `#!/bin/sh\nPATH=\${PATH#*:}\nexec setpriv "$@"\n`.replace(
    'exec',
    `export ${variables.join(' ')}\nexec`,
  )
  await writeFile(join(folder, 'setpriv'), script, { mode: 0o755 })
  return {
    set,
    environment,
    path: `${folder}${delimiter}${process.env.PATH}`,
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
