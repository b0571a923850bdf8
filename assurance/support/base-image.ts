import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Containers } from './containers.ts'

const run = promisify(execFile)

/**
 * Gets the image that the container file begins with; where it cannot be had, something like it stands in under its name: a minimal
 * Debian 12 with the Node that runs this, the npm that is installed, and an account `node` with the number 1000.
 */
export async function haveBase({ podman, folder }: Containers, name: string): Promise<'real' | 'stand-in'> {
  const pulled = await podman('pull', '--quiet', name).then(
    () => true,
    () => false,
  )
  if (pulled) return 'real'
  const root = join(folder, 'root')
  await run('debootstrap', ['--variant=minbase', '--include=ca-certificates,libstdc++6', 'bookworm', root], {
    timeout: 600_000,
    maxBuffer: 1 << 24,
  })
  // Where whoever asks the registry needs certificates of their own, npm inside does as well.
  const certificates = '/etc/ssl/certs/ca-certificates.crt'
  await writeFile(join(root, certificates), await readFile(certificates))
  const npm = dirname(dirname(await realpath((await run('sh', ['-c', 'command -v npm'])).stdout.trim())))
  await mkdir(join(root, 'usr/local/lib/node_modules'), { recursive: true })
  await cp(npm, join(root, 'usr/local/lib/node_modules/npm'), { recursive: true })
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'))
  await cp(process.execPath, join(root, 'usr/local/bin/node'))
  await chmod(join(root, 'usr/local/bin/node'), 0o755)
  await run('chroot', [root, 'groupadd', '--gid', '1000', 'node'])
  await run('chroot', [root, 'useradd', '--uid', '1000', '--gid', 'node', '--create-home', 'node'])
  for (const left of ['var/cache/apt/archives', 'var/lib/apt/lists']) await rm(join(root, left), { recursive: true })
  const archive = join(folder, 'root.tar')
  await run('tar', ['--directory', root, '--create', '--file', archive, '.'])
  await podman('import', '--quiet', '--change', `ENV NODE_EXTRA_CA_CERTS=${certificates}`, archive, name)
  for (const left of [root, archive]) await rm(left, { recursive: true })
  return 'stand-in'
}
