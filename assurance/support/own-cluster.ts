import { execFile } from 'node:child_process'
import { appendFile, chown, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Database, DatabaseConnection } from '../../src/storage/database.ts'
import { freePort } from '../../test/support/server-process.ts'

const BIN = '/usr/lib/postgresql/15/bin'
const DOCUMENT = new URL('../../docs/operating.md', import.meta.url)

/** The blocks of "To a moment": settings, base backup, recovery. */
async function documented(): Promise<string[]> {
  const [, section = ''] = /### To a moment\n(.*?)\n(?=\| you see)/s.exec(await readFile(DOCUMENT, 'utf8')) ?? []
  return [...section.matchAll(/```(?:ini|bash)\n(.*?)```/gs)].map(([, block]) => block as string)
}

/** PostgreSQL of Debian's package postgresql-15 in a folder of its own under /tmp, archiving its log as docs/operating.md says. */
export async function createOwnCluster() {
  const home = await mkdtemp('/tmp/billfold-moment-')
  const port = await freePort()
  const blocks = await documented()
  if (blocks.length !== 3)
    throw new Error(`docs/operating.md has ${blocks.length} blocks, not settings, backup, recovery`)
  const root = userInfo().uid === 0
  const places = { WAL: join(home, 'wal'), BASE: join(home, 'base'), DATA: join(home, 'restored') }
  const env = { PATH: `${BIN}:${process.env.PATH}`, LANG: 'C.UTF-8', PGHOST: home, PGPORT: String(port), ...places }
  const run = promisify(execFile)
  // PostgreSQL refuses root.
  const asOwner = (script: string, more: Record<string, string> = {}) => {
    const [command, args] = root ? ['runuser', ['-u', 'postgres', '--', 'sh', '-c', script]] : ['sh', ['-c', script]]
    return run(command as string, args as string[], { cwd: home, env: { ...env, ...more }, timeout: 120_000 })
  }
  if (root) {
    const { stdout } = await run('id', ['-u', 'postgres'])
    const group = await run('id', ['-g', 'postgres'])
    await chown(home, Number(stdout), Number(group.stdout))
  }
  await asOwner(`set -eu; mkdir wal; initdb --pgdata=data --username=postgres --auth=trust > initdb.log`)
  await appendFile(
    join(home, 'data/postgresql.conf'),
    `listen_addresses = ''\nunix_socket_directories = '${home}'\nport = ${port}\n${blocks[0]?.replaceAll('$WAL', places.WAL)}`,
  )
  const stop = (folder: string) => asOwner(`pg_ctl stop --pgdata=${folder} --mode=immediate`)
  const running = new Set<string>()
  return {
    connection: (database: string): DatabaseConnection => ({ host: home, port, user: 'postgres', database }),
    async start(folder: string): Promise<void> {
      running.add(folder)
      await asOwner(`pg_ctl start --pgdata=${folder} --log=${folder}.log --wait --timeout=60 > /dev/null`)
      // Recovery has ended when it takes writes.
      const ready = `until psql -U postgres -Atc 'select pg_is_in_recovery()' postgres | grep -q f; do sleep 0.1; done`
      await asOwner(ready)
    },
    /** Ends it in the middle of what it does, and its data are gone. */
    async crash(folder: string): Promise<void> {
      await stop(folder)
      running.delete(folder)
      await rm(join(home, folder), { recursive: true })
    },
    /** @param block 1: base backup, 2: recovery to `MOMENT` */
    runDocumented: (block: 1 | 2, more: Record<string, string> = {}) =>
      asOwner(`set -eu\nexport PGUSER=postgres\n${blocks[block]}`, more),
    /** Waits until all of the log that is closed lies in the archive. */
    async archived(db: Database): Promise<void> {
      for (;;) {
        const ready = (await readdir(join(home, 'data/pg_wal/archive_status'))).some((name) => name.endsWith('.ready'))
        if (!ready) return
        await db.query('select pg_sleep(0.1)')
        await delay(100)
      }
    },
    async remove(): Promise<void> {
      for (const folder of running) await stop(folder).catch(() => {})
      await rm(home, { recursive: true, force: true })
    },
  }
}
