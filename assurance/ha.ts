import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { freePort, type ServerProcess, spawnServer } from '../test/support/server-process.ts'
import { checkBooks } from './ha-check.ts'
import { startCluster } from './ha-cluster.ts'
import { CABLES, type Kind, PROCESSES, strike } from './ha-faults.ts'
import { startLoad } from './ha-load.ts'
import { type Host, inOwnNetwork, LOOPBACK, openNetwork } from './support/network.ts'

// `node bin/run.mjs assurance/ha.ts --rounds 6`: two servers on three PostgreSQL under Patroni, whose primary is killed, frozen and
// left alone by its Patroni while payments run. With `--network` each of the five is a host in a network name space of its own, and it is
// cables that are pulled. Needs Debian's patroni, etcd-server and postgresql-15; root for `--network`, else an ordinary account too.

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '6' },
    callers: { type: 'string', default: '16' },
    only: { type: 'string' },
    network: { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
})
const outside = values.network ? inOwnNetwork() : null
if (outside !== null) process.exit(outside)
/** ms in which payments must be back */
const BAR = 15_000
const kinds = (values.network ? CABLES : PROCESSES).filter((kind) => values.only === undefined || kind === values.only)

const APPS = ['first', 'second'] as const
const network = values.network ? await openNetwork({ one: 1, two: 2, three: 3, first: 11, second: 12 }, APPS) : null
const hosts: Record<string, Host> = network?.hosts ?? {}
const cluster = await startCluster({ hosts, keepLogs: values.keep, strict: values.strict })
const homes: string[] = []
const servers: ServerProcess[] = []
let failed = false
const check = (right: boolean, what: string) => {
  if (right) return
  failed = true
  console.log(`NOT KEPT: ${what}`)
}
try {
  console.log(`primary: ${(await cluster.whole()).name}`)
  const key = randomBytes(32).toString('hex')
  const start = async (command: 'start' | 'serve', name: (typeof APPS)[number]) => {
    const home = await mkdtemp(join(tmpdir(), 'billfold-ha-home-'))
    homes.push(home)
    const environment = {
      BILLFOLD_HOME: home,
      BILLFOLD_MODE: 'sandbox',
      BILLFOLD_KEY: key,
      BILLFOLD_PUBLIC_URL: 'http://127.0.0.1:8080',
      DATABASE_URL: cluster.url,
      LOG_LEVEL: 'error',
    }
    const { enter } = hosts[name] ?? LOOPBACK
    const server = spawnServer(command, await freePort(), environment, { address: lineTo(name), enter })
    servers.push(server)
    await server.ready()
    return server
  }
  // The first one fills the sandbox.
  const first = await start('start', 'first')
  const { gateway } = JSON.parse(await readFile(join(homes[0] as string, 'sandbox.json'), 'utf8')).clients
  const second = await start('serve', 'second')
  const urls = [first.url, second.url]
  const load = await startLoad(urls, gateway, Number(values.callers), randomBytes(4).toString('hex'))
  await delay(3_000)

  const figures: Record<string, number[]> = {}
  for (let round = 0; round < Number(values.rounds) * (kinds.length > 0 ? 1 : 0); round++) {
    const kind = kinds[round % kinds.length] as Kind
    const node = await cluster.whole()
    await delay(2_000)
    const before = load.acknowledged.size
    const since = performance.now()
    const { heal, replaced, shutOff } = await strike(kind, { cluster, network, node })
    // Long enough for every outage that keeps the bar to end, and for payments to run on the new primary.
    await delay(BAR + 5_000)
    const outages = urls.map((_, server) => load.outage(server, since))
    await heal()
    const back = performance.now()
    const now = await cluster.whole()
    if (shutOff !== null) await delay(BAR)
    // Also what comes when the old primary is back may not last; who was shut off is back when the cable is.
    const healed = urls.map((_, server) => load.outage(server, server === shutOff ? back : since))
    const counted = outages.filter((_, server) => server !== shutOff)
    figures[kind] = [...(figures[kind] ?? []), ...counted]
    console.log(
      `${kind} ${node.name} -> ${now.name}: ${load.acknowledged.size - before} acknowledged, without payments ${seconds(counted)}, healing included ${seconds(healed)}`,
    )
    if (replaced) check(now.name !== node.name, `another node is the primary after ${kind}`)
    check(Math.max(...healed) <= BAR, `payments are back within ${BAR / 1000} s`)
  }
  await load.stop()
  const { acknowledged, contradictions, indefinite, repeats } = load
  console.log({ acknowledged: acknowledged.size, indefinite, repeats, contradictions: contradictions.length })
  check(contradictions.length === 0, contradictions.slice(0, 5).join('; '))
  for (const problem of await checkBooks(cluster.url, { key, homes, client: gateway.client_id, acknowledged })) {
    check(false, problem)
  }
  for (const [kind, times] of Object.entries(figures)) console.log(`${kind}: ${seconds(times)}`)
  for (const server of servers) check((await server.interrupt()) === 0, 'a server ends with 0')
} catch (error) {
  failed = true
  console.log(error, ...servers.map((server) => server.output().slice(-3_000)))
} finally {
  for (const server of servers) await server.kill()
  await cluster.close()
  await network?.close()
  for (const home of homes) await rm(home, { recursive: true, force: true })
}
console.log(failed ? 'NOT KEPT' : 'kept: nothing acknowledged is lost, nothing happened twice, the books are clean')
// After an error calls may still be under way, which would go on for ever.
process.exit(failed ? 1 : 0)

/** where this process reaches a server, whatever is cut */
function lineTo(name: string): string {
  return hosts[name]?.address.replace('10.0.0.', '10.0.1.') ?? LOOPBACK.address
}

function seconds(times: readonly number[]): string {
  return `${times.map((time) => (time / 1000).toFixed(1)).join(', ')} s`
}
