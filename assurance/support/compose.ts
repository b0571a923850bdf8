import assert from 'node:assert/strict'
import { execFile, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { globalAgent } from 'node:https'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { eventually } from '../../test/support/eventually.ts'
import { send } from '../../test/support/wallet-client.ts'
import { SOURCE, startLoad, TARGETS } from '../ha-load.ts'
import { createCleanup } from './cleanup.ts'
import type { Containers } from './containers.ts'

const run = promisify(execFile)
const file = fileURLToPath(new URL('../../deploy/compose.yaml', import.meta.url))

const SERVERS = ['billfold-one', 'billfold-two'] as const
const URL_OF_ALL = 'https://localhost'
/** a caller elsewhere, and this machine as it sees it */
const [STRANGER, HERE] = ['198.51.100.7', '198.51.100.1']

/** deploy/compose.yaml as an operator has it, with the programs that its reader talks to. */
async function openCompose({ folder, env, podman }: Containers) {
  const secrets = [randomBytes(32).toString('hex'), randomBytes(24).toString('hex')]
  const settings = join(folder, 'compose.env')
  // For this name Caddy makes its certificate itself.
  await writeFile(settings, `DOMAIN=localhost\nBILLFOLD_KEY=${secrets[0]}\nPOSTGRES_PASSWORD=${secrets[1]}\n`)
  const socket = `unix://${join(folder, 'docker.sock')}`
  const service = spawn('podman', ['system', 'service', '--time=0', socket], { env, stdio: 'ignore' })
  const compose = async (...args: string[]) => {
    const all = ['--project-name=billfold', `--env-file=${settings}`, `--file=${file}`, ...args]
    const options = { env: { ...env, DOCKER_HOST: socket }, timeout: 240_000, maxBuffer: 1 << 26 }
    return (await run('docker-compose', all, options)).stdout
  }
  /** @returns what a program writes, errors too */
  const both = async (...command: string[]) =>
    (await run('sh', ['-c', '"$@" 2>&1', 'sh', ...command], { env, maxBuffer: 1 << 28 })).stdout
  const named = (name: string) => `billfold_${name}_1`
  const exec = (name: string, ...command: string[]) => podman('exec', named(name), ...command)
  const health = async () => {
    for (const id of (await podman('ps', '--quiet')).split('\n').filter(Boolean))
      await podman('healthcheck', 'run', id).catch(() => {})
  }
  const state = async (name: string) => JSON.parse(await podman('inspect', '--format={{json .State}}', named(name)))
  let over = false
  // What Docker does by itself.
  const byTheClock = (async () => {
    while (!over) {
      await health()
      await delay(1_000)
    }
  })()
  return {
    secrets,
    compose,
    exec,
    logs: (name: string) => both('podman', 'logs', named(name)),
    state,
    // Not by podman: what an operator kills stays down.
    kill: async (name: string) => process.kill((await state(name)).Pid, 'SIGKILL'),
    billfold: async (...args: string[]) =>
      JSON.parse(await exec(SERVERS[0], 'node', 'src/cli/main.ts', ...args, '--json')),
    async close() {
      over = true
      await byTheClock
      service.kill()
    },
  }
}

/** A caller at an address of its own, from where this machine's published ports are reached as from outside. */
function openStranger() {
  const ip = (...args: string[]) => execFileSync('ip', args)
  ip('link', 'set', 'lo', 'up')
  const holder = spawn('unshare', ['--net', 'sleep', '600'], { stdio: 'ignore' })
  const inside = (...args: string[]) =>
    execFileSync('nsenter', [`--net=/proc/${holder.pid}/ns/net`, ...args], { stdio: ['ignore', 'pipe', 'ignore'] })
  return {
    async connect() {
      await delay(300)
      ip('link', 'add', 'street', 'type', 'veth', 'peer', 'name', 'door', 'netns', String(holder.pid))
      ip('address', 'add', `${HERE}/24`, 'dev', 'street')
      ip('link', 'set', 'street', 'up')
      inside('ip', 'address', 'add', `${STRANGER}/24`, 'dev', 'door')
      inside('ip', 'link', 'set', 'door', 'up')
    },
    /** Asks `count` times with a token that is none. @returns the statuses */
    knock(count: number, ...more: string[]): string[] {
      const at = ['--insecure', '--resolve', `localhost:443:${HERE}`, '--header', 'Authorization: Bearer none', ...more]
      const out = ['--silent', '--output', '/dev/null', '--write-out', '%{http_code}\n']
      const all = [...out, ...at, `${URL_OF_ALL}/${SOURCE}/balance?[1-${count}]`]
      return String(inside('curl', ...all))
        .trim()
        .split('\n')
    },
    reaches(port: number): boolean {
      try {
        inside('bash', '-c', `exec 3<>/dev/tcp/${HERE}/${port}`)
        return true
      } catch {
        return false
      }
    },
    close: async () => void holder.kill('SIGKILL'),
  }
}

/** @throws when it does not do what docs/operating.md promises */
export async function tryCompose(containers: Containers, say: (what: string) => void): Promise<void> {
  const cleanup = createCleanup()
  let tell = async (name: string) => `${name} was not there yet`
  try {
    const stranger = openStranger()
    cleanup.later(stranger.close)
    await stranger.connect()
    const all = await openCompose(containers)
    cleanup.later(all.close)
    tell = all.logs
    cleanup.later(() => all.compose('down', '--volumes', '--timeout=5'))
    const ready = () =>
      eventually(async () => (await send(URL_OF_ALL, '/readyz').catch(() => null))?.status === 200, { within: 90_000 })
    const healthy = () =>
      eventually(
        async () => (await Promise.all(SERVERS.map(all.state))).every(({ Health }) => Health?.Status === 'healthy'),
        { within: 90_000, every: 500, otherwise: () => all.logs(SERVERS[0]) },
      )

    await all.compose('up', '--detach', '--no-build')
    globalAgent.options.ca = await eventualText(() =>
      all.exec('proxy', 'cat', '/data/caddy/pki/authorities/local/root.crt'),
    )
    await ready()
    await healthy()
    assert.equal((await all.state('migrate')).ExitCode, 0)
    say('up: the schema is migrated, two servers are healthy, and answer by TLS')

    assert.equal((await send('http://localhost', '/readyz', { headers: { host: 'localhost' } })).status, 308)
    assert.equal((await send(URL_OF_ALL, '/metrics')).status, 404)
    assert.deepEqual(
      [80, 443, 5432, 8080, 2019].filter((port) => stranger.reaches(port)),
      [80, 443],
    )
    say('from outside: HTTPS, a redirection to it, and no other port')

    const party = await all.billfold('party', 'create', '--kind', 'business', '--name', 'Shop')
    await all.billfold('wallet', 'open', SOURCE, '--party', party.id, '--lower=-1000000.00')
    for (const target of TARGETS) await all.billfold('wallet', 'open', target, '--party', party.id)
    const scopes = ['--scope', 'payments', '--scope', 'balance']
    const client = await all.billfold('client', 'create', '--party', party.id, '--name', 'Till', ...scopes)

    const load = await startLoad([URL_OF_ALL], { ...client, client_id: client.id }, 8, 'compose')
    await delay(2_000)
    // Both servers count, tell each other about once a second, and begin anew each minute.
    let attempt = 0
    const guess = () => stranger.knock(200, '--header', `X-Forwarded-For: 192.0.2.${++attempt}`)
    assert.equal(guess()[0], '401')
    await eventually(() => guess().at(-1) === '429', { within: 30_000, every: 1_000 })
    say('a stranger who guesses tokens is shut out, by its address and not by what it says of it, and nobody else is')

    for (const name of [SERVERS[1], 'database', SERVERS[0]]) {
      const since = performance.now()
      const acknowledged = load.acknowledged.size
      const { Pid } = await all.state(name)
      await all.kill(name)
      await eventually(async () => ![0, Pid].includes((await all.state(name)).Pid), { within: 30_000 })
      await healthy()
      await eventually(() => load.acknowledged.size > acknowledged + 20, { within: 60_000 })
      say(`${name} was killed, and is back; longest silence ${Math.round(load.outage(0, since))} ms`)
    }
    await load.stop()
    assert.deepEqual(load.contradictions, [])
    const balances = async () => {
      const found = await Promise.all(TARGETS.map((id) => all.billfold('wallet', 'balance', id)))
      return found.map(({ balance }) => String(balance))
    }
    const before = await balances()
    const paid = [...load.acknowledged.values()].reduce((sum, { amount }) => sum + Math.round(Number(amount) * 100), 0)
    assert.equal(
      before.reduce((sum, balance) => sum + Math.round(Number(balance) * 100), 0),
      paid,
    )
    await all.billfold('audit')
    say(`${load.acknowledged.size} payments, ${load.indefinite} repeated, none lost or doubled; the audit is clean`)

    await all.compose('stop')
    const states = await Promise.all(['proxy', ...SERVERS, 'database'].map(all.state))
    assert.deepEqual(
      states.map(({ ExitCode }) => ExitCode),
      [0, 0, 0, 0],
    )
    const ends = states.map(({ FinishedAt }) => Date.parse(FinishedAt))
    assert.deepEqual([...ends].sort(), ends.slice(0, 1).concat(ends.slice(1, 3).sort(), ends.slice(3)), 'in this order')
    for (const name of ['proxy', ...SERVERS, 'database', 'migrate']) {
      const logs = await all.logs(name)
      for (const secret of [...all.secrets, client.client_secret, client.signing_secret])
        assert.ok(!logs.includes(secret), `${name} logs a secret`)
    }
    await all.compose('down')
    await all.compose('up', '--detach', '--no-build')
    await ready()
    await healthy()
    assert.deepEqual(await balances(), before)
    await all.billfold('audit')
    say('all of it stopped with 0, the database last, and up again it has the same balances')
  } catch (error) {
    for (const name of ['proxy', ...SERVERS, 'database'])
      console.error(name, (await tell(name).catch(String)).split('\n').filter(isNews).slice(-20).join('\n'))
    throw error
  } finally {
    await cleanup.run()
  }
}

/** What is no request that was answered. */
const isNews = (line: string) => !line.startsWith('{"level":30,')

async function eventualText(read: () => Promise<string>): Promise<string> {
  let text = ''
  await eventually(async () => {
    text = await read().catch(() => '')
    return text !== ''
  })
  return text
}
