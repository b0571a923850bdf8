import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startBank } from './support/bank.ts'
import { createCleanup } from './support/cleanup.ts'
import { fillUnderLoad, moveToDisk } from './support/full-disk.ts'
import { startOwnEngine } from './support/own-engine.ts'
import { openPlace } from './support/place.ts'
import { makeSmallDisk } from './support/small-disk.ts'
import { verify } from './support/verify.ts'
import { startWatch } from './support/watch.ts'

// `node bin/run.mjs assurance/disk-full.ts --times 5`: a disk that gets full under load. `--what data`: the log has another disk;
// `--what all`: PostgreSQL's log is on it too. Exit status 1: a promise was broken.

const { values } = parseArgs({
  options: { times: { type: 'string', default: '5' }, what: { type: 'string', default: 'data' } },
})

const disk = await makeSmallDisk(values.what === 'all' ? 256 : 96)
if (disk === null) throw new Error('this needs a machine on which one may mount a file system (root)')
const { folder } = disk
const cleanup = createCleanup()
cleanup.later(disk.remove)
try {
  const own = await startOwnEngine(values.what === 'all' ? join(folder, 'home') : undefined)
  cleanup.later(own.stop)
  if (values.what !== 'all') await moveToDisk(own.engine.connection, disk)
  const place = await openPlace({ home: own.home, connection: own.engine.connection })
  cleanup.later(place.stop)
  // The log goes on in files that it has already, until it needs another one: it does now.
  const meanwhile = async () => values.what === 'all' && place.db.query('select pg_switch_wal()')
  const watch = startWatch(place.db)
  const bank = startBank(place, { pause: 5, timeout: 5_000 })
  for (let i = 0; i < Number(values.times); i++) {
    await delay(1_000)
    console.log(await fillUnderLoad(disk, bank, { meanwhile }))
    for (const line of own.lines.splice(0)) console.log(`  ${line}`)
  }
  await bank.finish()
  await watch.stop()
  const verdict = await verify(place, bank)
  const wrong = [...verdict.wrong, ...watch.broken]
  console.log({ ...verdict, wrong: verdict.wrong.length, snapshots: watch.snapshots })
  for (const line of wrong.slice(0, 20)) console.log(line)
  process.exitCode = wrong.length === 0 && verdict.lost + verdict.doubled === 0 ? 0 : 1
} finally {
  await cleanup.run()
}
