import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { chmod, chown, copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '../test/support/server-process.ts'
import { type EtcdPlace, type Run, startEtcd } from './ha-etcd.ts'
import { type Host, LOOPBACK } from './support/network.ts'

const deploy = fileURLToPath(new URL('../deploy/patroni/', import.meta.url))

/** One PostgreSQL with its Patroni. */
export type Node = {
  readonly name: string
  readonly port: number
  readonly api: number
  readonly folder: string
  readonly host: Host
  patroni: ChildProcess
}

const NAMES = ['one', 'two', 'three'] as const

export type Cluster = {
  readonly nodes: readonly Node[]
  /** reaches the primary, whichever it is */
  readonly url: string
  primary(): Promise<Node>
  /** The replica that confirms commits. */
  standby(): Promise<Node>
  /** Waits until there is a primary with a synchronous replica, and all of `names` run. */
  whole(names?: number): Promise<Node>
  /** The process of the node's PostgreSQL. */
  postmaster(node: Node): Promise<number>
  /** kill -9 of PostgreSQL and its Patroni, as when the machine lost its power. */
  crash(node: Node): Promise<void>
  /** Stops every process of the node in the middle of what it does: it answers nobody, and does not know. */
  freeze(node: Node): Promise<() => void>
  /** Stops the node's Patroni only: its PostgreSQL goes on as the primary beside the one that replaces it. */
  freezePatroni(node: Node): () => void
  /** Kills the first `pg_rewind` that the node's Patroni begins. */
  interruptRewind(node: Node): Promise<void>
  start(node: Node): void
  close(): Promise<void>
}

/** The account that PostgreSQL runs as: it refuses root. */
async function account(): Promise<{ uid: number; gid: number } | null> {
  if (userInfo().uid !== 0) return null
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((each) => each.startsWith('postgres:'))
  if (!line) throw new Error('there is no account postgres: install postgresql-15')
  const [, , uid, gid] = line.split(':')
  return { uid: Number(uid), gid: Number(gid) }
}

export type ClusterOptions = {
  /** where the nodes one, two and three are; by default all on loopback */
  hosts?: Readonly<Record<string, Host>>
  /** leaves the folder with data and logs */
  keepLogs?: boolean
  /** the primary stops when no replica confirms, and does not go on alone */
  strict?: boolean
}

/** Three nodes of etcd and PostgreSQL under Patroni, by the configuration in `deploy/patroni`. */
export async function startCluster({ hosts = {}, keepLogs = false, strict = false }: ClusterOptions): Promise<Cluster> {
  const who = await account()
  const home = await mkdtemp('/tmp/billfold-ha-')
  const folderOf = async (name: string) => {
    const folder = join(home, name)
    await mkdir(folder, { mode: 0o700 })
    if (who) await chown(folder, who.uid, who.gid)
    return folder
  }
  await chmod(home, 0o711)
  const run: Run = (host, command, args, folder, env = {}) => {
    const log = openSync(join(folder, 'log'), 'a')
    // Only root may enter a host; there the process becomes the account that it is to run as.
    const become = who ? ['setpriv', `--reuid=${who.uid}`, `--regid=${who.gid}`, '--clear-groups'] : []
    const [program, ...rest] = [...host.enter, ...become, command, ...args] as [string, ...string[]]
    const child = spawn(program, rest, {
      stdio: ['ignore', log, log],
      cwd: folder,
      env: { PATH: process.env.PATH, LANG: 'C.UTF-8', HOME: folder, ...env },
    })
    child.on('error', (error) => console.error(`${command}: ${error.message}`))
    closeSync(log)
    return child
  }

  const places: EtcdPlace[] = []
  for (const name of NAMES)
    places.push({
      name,
      host: hosts[name] ?? LOOPBACK,
      folder: await folderOf(`etcd-${name}`),
      client: await freePort(),
    })
  const etcd = await startEtcd(run, places)
  const script = join(home, 'create-billfold.sh')
  await copyFile(join(deploy, 'create-billfold.sh'), script)
  await chmod(script, 0o755)
  const config = join(home, 'patroni.yml')
  const text = await readFile(join(deploy, 'patroni.yml'), 'utf8')
  const mode = strict ? 'synchronous_mode: true\n    synchronous_mode_strict: true' : 'synchronous_mode: true'
  const changed = text.replace('/etc/patroni/create-billfold.sh', script).replace('synchronous_mode: true', mode)
  await writeFile(config, changed)

  const nodes: Node[] = []
  const start = (node: Node) => {
    const { address } = node.host
    node.patroni = run(node.host, 'patroni', [config], node.folder, {
      PATRONI_NAME: node.name,
      PATRONI_RESTAPI_LISTEN: `${address}:${node.api}`,
      PATRONI_RESTAPI_CONNECT_ADDRESS: `${address}:${node.api}`,
      PATRONI_POSTGRESQL_LISTEN: `${address}:${node.port}`,
      PATRONI_POSTGRESQL_CONNECT_ADDRESS: `${address}:${node.port}`,
      PATRONI_POSTGRESQL_DATA_DIR: join(node.folder, 'data'),
      PATRONI_POSTGRESQL_PGPASS: join(node.folder, 'pgpass'),
      PATRONI_ETCD_HOSTS: places.map(({ host, client }) => `${host.address}:${client}`).join(),
      PATRONI_SUPERUSER_USERNAME: 'postgres',
      PATRONI_SUPERUSER_PASSWORD: 'assurance',
      PATRONI_REPLICATION_USERNAME: 'replicator',
      PATRONI_REPLICATION_PASSWORD: 'assurance',
      PATRONI_REWIND_USERNAME: 'rewind',
      PATRONI_REWIND_PASSWORD: 'assurance',
      BILLFOLD_DATABASE_PASSWORD: 'assurance',
    })
  }
  for (const { name, host } of places) {
    const node = { name, host, port: await freePort(), api: await freePort(), folder: await folderOf(name) } as Node
    nodes.push(node)
    start(node)
  }

  type Member = { name: string; role: string; state: string; timeline?: number }
  const seenBy = async ({ api, host }: Node): Promise<Member[]> => {
    try {
      const answer = await fetch(`http://${host.address}:${api}/cluster`, { signal: AbortSignal.timeout(2_000) })
      return answer.ok ? ((await answer.json()) as { members: Member[] }).members : []
    } catch {
      return [] // It is down or frozen: the others know.
    }
  }
  const leaderOf = (seen: readonly Member[]) => seen.find(({ role }) => role === 'leader')?.name
  /** As most nodes see them: one that was alone goes on to see what was before. @returns nothing while they disagree */
  const members = async (): Promise<Member[]> => {
    const views = await Promise.all(nodes.map(seenBy))
    const agreed = (seen: readonly Member[]) => views.filter((other) => leaderOf(other) === leaderOf(seen)).length
    return views.findLast((seen) => leaderOf(seen) && agreed(seen) > nodes.length / 2) ?? []
  }
  const find = (name: string | undefined) => nodes.find((node) => node.name === name)
  const postmaster = async (node: Node) =>
    Number((await readFile(join(node.folder, 'data', 'postmaster.pid'), 'utf8')).split('\n')[0])
  const processes = async (node: Node) => [node.patroni.pid as number, ...(await descendants(await postmaster(node)))]

  const cluster: Cluster = {
    nodes,
    url: `postgres://billfold:assurance@${nodes.map(({ host, port }) => `${host.address}:${port}`)}/billfold?target_session_attrs=read-write`,
    postmaster,
    start,
    async primary() {
      for (;;) {
        const found = find(leaderOf(await members()))
        if (found) return found
        await delay(100)
      }
    },
    async standby() {
      for (;;) {
        const found = find((await members()).find(({ role }) => role === 'sync_standby')?.name)
        if (found) return found
        await delay(100)
      }
    },
    async whole(count = nodes.length) {
      for (const until = Date.now() + 120_000; Date.now() < until; await delay(200)) {
        const seen = await members()
        const leader = find(leaderOf(seen))
        const timeline = seen.find(({ name }) => name === leader?.name)?.timeline
        // One that was a primary itself runs until it is rewound: it is on another timeline.
        const running = seen.filter((one) => /^(running|streaming)$/.test(one.state) && one.timeline === timeline)
        if (leader && running.length >= count && seen.some(({ role }) => role === 'sync_standby')) return leader
      }
      throw new Error(`the cluster does not become whole: ${JSON.stringify(await members())}; see ${home}`)
    },
    async crash(node) {
      for (const pid of await processes(node)) kill(pid, 'SIGKILL')
    },
    freeze: async (node) => stop(await processes(node)),
    freezePatroni: (node) => stop([node.patroni.pid as number]),
    async interruptRewind({ name, folder }) {
      for (const until = Date.now() + 60_000; Date.now() < until; await delay(2)) {
        for (const pid of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
          const [program, ...rest] = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0')
          if (program?.endsWith('pg_rewind') && rest.includes(join(folder, 'data'))) return kill(Number(pid), 'SIGKILL')
        }
      }
      throw new Error(`nothing rewinds node ${name}`)
    },
    async close() {
      for (const node of nodes) {
        for (const pid of await processes(node).catch(() => [node.patroni.pid as number])) kill(pid, 'SIGKILL')
      }
      for (const member of etcd) member.kill('SIGKILL')
      await delay(200)
      if (!keepLogs) await rm(home, { recursive: true, force: true, maxRetries: 5 })
    },
  }
  return cluster
}

async function descendants(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  const pids = children.split(' ').filter(Boolean).map(Number)
  return [pid, ...(await Promise.all(pids.map(descendants))).flat()]
}

/** Stops processes. @returns lets them go on */
function stop(pids: readonly number[]): () => void {
  for (const pid of pids) kill(pid, 'SIGSTOP')
  return () => {
    for (const pid of pids) kill(pid, 'SIGCONT')
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended meanwhile.
  }
}
