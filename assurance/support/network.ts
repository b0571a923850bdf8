import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'

/** A machine of the test: where it is, and what a command begins with to run there. */
export type Host = { readonly address: string; readonly enter: readonly string[] }

/** This machine's loopback: all hosts are one, and nothing can be cut. */
export const LOOPBACK: Host = { address: '127.0.0.1', enter: [] }

export type Network = {
  hosts: Readonly<Record<string, Host>>
  /** Pulls the cables of these hosts out of the switch that all are at, into another one: what is sent across is lost without a word. */
  cut(...names: string[]): void
  heal(): void
  close(): Promise<void>
}

const VARIABLE = 'BILLFOLD_OWN_NETWORK'

/** Runs this program again in a network of its own, if it is not that already. @returns its exit status, or null inside of it */
export function inOwnNetwork(): number | null {
  if (process.env[VARIABLE]) return null
  const { status, error } = spawnSync('unshare', ['--net', process.execPath, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, [VARIABLE]: 'yes' },
  })
  if (error) throw error
  return status ?? 1
}

const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] })

/**
 * Hosts in network name spaces at one switch, whose addresses are `10.0.0.N`; this process is `10.0.0.254` at the same switch. Wants root, and
 * {@link inOwnNetwork}, so that nothing of it is seen from outside.
 * @param numbers the last number of each host's address
 * @param reached hosts that this process also has a line of its own to, at `10.0.1.N`, which is never cut
 */
export async function openNetwork(numbers: Record<string, number>, reached: readonly string[] = []): Promise<Network> {
  const holders: ChildProcess[] = []
  const hosts: Record<string, Host> = {}
  ip('link', 'set', 'lo', 'up')
  for (const bridge of ['switch', 'island']) {
    ip('link', 'add', bridge, 'type', 'bridge')
    ip('link', 'set', bridge, 'up')
  }
  ip('address', 'add', '10.0.0.254/24', 'dev', 'switch')
  for (const [name, number] of Object.entries(numbers)) {
    // A name space lasts as long as somebody is in it.
    const holder = spawn('unshare', ['--net', 'sh', '-c', 'echo; exec sleep infinity'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    holders.push(holder)
    await once(holder.stdout as NodeJS.ReadableStream, 'data')
    const enter = ['nsenter', `--net=/proc/${holder.pid}/ns/net`, '--']
    const inside = (...args: string[]) => execFileSync('nsenter', [...enter.slice(1), 'ip', ...args])
    const connect = (here: string, there: string, address: string) => {
      ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', String(holder.pid))
      inside('address', 'add', address, 'dev', there)
      inside('link', 'set', there, 'up')
      ip('link', 'set', here, 'up')
    }
    inside('link', 'set', 'lo', 'up')
    connect(`to-${name}`, 'cluster', `10.0.0.${number}/24`)
    ip('link', 'set', `to-${name}`, 'master', 'switch')
    if (reached.includes(name)) {
      connect(`at-${name}`, 'outside', `10.0.1.${number}/32`)
      inside('route', 'add', '10.0.1.254/32', 'dev', 'outside')
      ip('address', 'add', '10.0.1.254/32', 'dev', `at-${name}`)
      ip('route', 'add', `10.0.1.${number}/32`, 'dev', `at-${name}`, 'src', '10.0.1.254')
    }
    hosts[name] = { address: `10.0.0.${number}`, enter }
  }
  const plug = (names: readonly string[], bridge: string) => {
    for (const name of names) ip('link', 'set', `to-${name}`, 'master', bridge)
  }
  return {
    hosts,
    cut: (...names) => plug(names, 'island'),
    heal: () => plug(Object.keys(numbers), 'switch'),
    async close() {
      for (const holder of holders) holder.kill('SIGKILL')
    },
  }
}
