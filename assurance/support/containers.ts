import { execFile, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Images and containers in a folder of their own, by Debian's `buildah`, `podman` and `crun`, without a daemon; wants root. */
export type Containers = {
  folder: string
  buildah(...args: string[]): Promise<string>
  podman(...args: string[]): Promise<string>
  /** what a program must be told to work with the same images */
  env: NodeJS.ProcessEnv
  close(): Promise<void>
}

/** What of `names` is not installed. */
export function missingTools(...names: string[]): string[] {
  return names.filter((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0)
}

// A root that may not raise limits (no CAP_SYS_RESOURCE) cannot have podman's: containers keep those of this process.
const RUNTIME = `#!/bin/sh
for arg in "$@"; do
  if [ "$last" = --bundle ]; then
    "${process.execPath}" -e 'const [, file] = process.argv, fs = require("fs"), config = JSON.parse(fs.readFileSync(file, "utf8"))
      delete config.process.rlimits; delete config.process.oomScoreAdj; fs.writeFileSync(file, JSON.stringify(config))' "$arg/config.json"
  fi
  last=$arg
done
exec crun "$@"
`

// crun refuses a machine with the control groups of both versions: it is shown those of the second, in a name space of its own.
const SHOW = 'umount -R /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup; exec "$@"'

/** What a command begins with that calls `podman`, given that `unshare` gets these options as well. */
export const showingGroups = (...options: string[]): readonly string[] => {
  if (existsSync('/sys/fs/cgroup/unified')) return ['unshare', '--mount', ...options, 'sh', '-c', SHOW, 'sh']
  return options.length > 0 ? ['unshare', ...options] : []
}

/** @param folder of containers that are open elsewhere, who closes them */
export async function openContainers({ keep = false, folder: given = '' } = {}): Promise<Containers> {
  const folder = given || (await mkdtemp('/tmp/billfold-containers-'))
  const file = async (name: string, text: string, mode = 0o600) => {
    await writeFile(join(folder, name), text, { mode })
    return join(folder, name)
  }
  const places = `graphroot = "${folder}/storage"\nrunroot = "${folder}/run"`
  const runtime = await file('runtime', RUNTIME, 0o700)
  const env = {
    ...process.env,
    // Without systemd nobody calls health checks by the clock.
    DISABLE_HC_SYSTEMD: 'true',
    CONTAINERS_STORAGE_CONF: await file('storage.conf', `[storage]\ndriver = "vfs"\n${places}\n`),
    CONTAINERS_CONF: await file(
      'containers.conf',
      `[containers]\ncgroups = "disabled"\ndefault_ulimits = []\n[engine]\nevents_logger = "file"\nruntime = "crun"\n[network]\nnetwork_config_dir = "${folder}/networks"\n[engine.runtimes]\ncrun = ["${runtime}"]\n`,
    ),
  }
  const call = async (command: string, args: readonly string[]) => {
    const { stdout } = await run(command, args, { env, timeout: 600_000, maxBuffer: 1 << 26 })
    return stdout.trim()
  }
  const podman = (...args: string[]) => {
    const [command, ...rest] = [...showingGroups(), 'podman', ...args] as [string, ...string[]]
    return call(command, rest)
  }
  return {
    folder,
    env,
    buildah: (...args) => call('buildah', args),
    podman,
    async close() {
      if (given) return
      await podman('rm', '--all', '--force', '--volumes', '--time=1').catch(() => {})
      if (!keep) await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
