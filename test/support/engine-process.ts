import { startEngine } from '../../src/engine/start-engine.ts'
import { openDatabase } from '../../src/storage/database.ts'

// Run as a process of its own by the engine's tests, to be killed: starts the engine of the home given as its argument,
// says so in one line of JSON, and stops it when its standard input ends, as it does when the test is gone.

const engine = await startEngine({ home: process.argv[2] as string, log: (line) => console.error(line) })
const db = openDatabase(engine.connection, { connections: 1 })
await db.query('create table if not exists kept (line text)')
await db.query("insert into kept values ('acknowledged')")
process.stdin.resume().once('close', async () => {
  await db.close()
  await engine.stop()
})
console.log(JSON.stringify({ postmaster: engine.pid, connection: engine.connection }))
