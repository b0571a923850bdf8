import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const sdk = fileURLToPath(new URL('../../sdk/', import.meta.url))

export type PackedSdk = {
  /** The package as `npm publish` would send it. */
  tarball: string
  /** A project that has it installed, and nothing else. */
  project: string
  remove(): Promise<void>
}

/** Builds the SDK, packs it, and installs the tarball into an empty project, without a network. Leaves the sources alone. */
export async function packSdk(): Promise<PackedSdk> {
  const folder = await mkdtemp(join(tmpdir(), 'billfold-sdk-'))
  const [staged, project] = [join(folder, 'staged'), join(folder, 'project')]
  await Promise.all([mkdir(staged), mkdir(project)])
  await run(process.execPath, [join(sdk, 'build.mjs'), join(staged, 'dist')])
  for (const file of ['package.json', 'README.md', 'LICENSE']) await cp(join(sdk, file), join(staged, file))
  const npm = (args: string[], cwd: string) =>
    run('npm', args, {
      cwd,
      env: { ...process.env, npm_config_cache: join(folder, 'cache'), npm_config_update_notifier: 'false' },
    })
  const { stdout } = await npm(['pack', '--ignore-scripts', '--json'], staged)
  const tarball = join(staged, JSON.parse(stdout)[0].filename)
  await writeFile(
    join(project, 'package.json'),
    '{"name":"somebody","version":"1.0.0","private":true,"type":"module"}\n',
  )
  await npm(['install', '--offline', '--no-audit', '--no-fund', '--ignore-scripts', tarball], project)
  return { tarball, project, remove: () => rm(folder, { recursive: true, force: true }) }
}
