import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Containers } from './containers.ts'

const run = promisify(execFile)

/** What stands in for a published image that cannot be had: a minimal Debian 12 with something in it. */
export type StandIn = {
  /** Debian's packages */
  packages: readonly string[]
  /** as instructions of a container file */
  changes?: readonly string[]
  /** puts into the file system at `root` what no package brings; `account` makes one there, with a group of its name */
  fill?(root: string, account: (name: string, number: number) => Promise<void>): Promise<void>
}

/** Gets an image; where it cannot be had, the stand-in takes its name. */
export async function haveImage(
  { podman, folder }: Containers,
  name: string,
  { packages, changes = [], fill }: StandIn,
): Promise<'real' | 'stand-in'> {
  const pulled = await podman('pull', '--quiet', name).then(
    () => true,
    () => false,
  )
  if (pulled) return 'real'
  const root = join(folder, 'root')
  const include = `--include=${['ca-certificates', ...packages].join()}`
  await run('debootstrap', ['--variant=minbase', include, 'bookworm', root], {
    timeout: 600_000,
    maxBuffer: 1 << 24,
  })
  await fill?.(root, async (account, number) => {
    await run('chroot', [root, 'groupadd', '--gid', String(number), account])
    await run('chroot', [root, 'useradd', '--uid', String(number), '--gid', account, '--create-home', account])
  })
  for (const left of ['var/cache/apt/archives', 'var/lib/apt/lists']) await rm(join(root, left), { recursive: true })
  const archive = join(folder, 'root.tar')
  await run('tar', ['--directory', root, '--create', '--file', archive, '.'])
  await podman('import', '--quiet', ...changes.flatMap((change) => ['--change', change]), archive, name)
  for (const left of [root, archive]) await rm(left, { recursive: true })
  return 'stand-in'
}

/** @returns where a program lies that was found by its name, as a file and no link */
const fileOf = async (name: string) => realpath((await run('sh', ['-c', `command -v ${name}`])).stdout.trim())

const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt'

/** In place of `node:24-bookworm-slim`: the Node that runs this, the npm that is installed, and an account `node` with the number 1000. */
export const NODE: StandIn = {
  packages: ['libstdc++6'],
  changes: [`ENV NODE_EXTRA_CA_CERTS=${CERTIFICATES}`],
  async fill(root, account) {
    // Where whoever asks the registry needs certificates of their own, npm inside does as well.
    await writeFile(join(root, CERTIFICATES), await readFile(CERTIFICATES))
    const npm = dirname(dirname(await fileOf('npm')))
    await mkdir(join(root, 'usr/local/lib/node_modules'), { recursive: true })
    await cp(npm, join(root, 'usr/local/lib/node_modules/npm'), { recursive: true })
    await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'))
    await cp(process.execPath, join(root, 'usr/local/bin/node'))
    await chmod(join(root, 'usr/local/bin/node'), 0o755)
    await account('node', 1000)
  },
}
