import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { createCleanup } from './support/cleanup.ts'
import { tryCompose } from './support/compose.ts'
import { CADDY, POSTGRES } from './support/compose-images.ts'
import { missingTools, openContainers, showingGroups } from './support/containers.ts'
import { buildImage } from './support/image.ts'
import { haveImage } from './support/stand-ins.ts'

// `node bin/run.mjs assurance/compose.ts`: brings deploy/compose.yaml up as it is, in a network of its own: PostgreSQL, migration, two servers
// and a proxy with TLS. Payments go through the proxy while servers and database are killed, all of it is stopped, and up again. Wants root,
// Debian's docker-compose, podman, netavark, aardvark-dns, buildah, crun, debootstrap and curl, and the npm registry. Images and data lie in a
// folder of their own and are deleted.

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } })
const VARIABLE = 'BILLFOLD_COMPOSE_FOLDER'
const started = Number(process.env.BILLFOLD_COMPOSE_STARTED ?? Date.now())
const say = (what: string) => console.log(`${((Date.now() - started) / 1000).toFixed(0)} s: ${what}`)

/** What needs the network outside: images. The rest is done by this program, run again where nothing is seen from outside. */
async function build(): Promise<number> {
  const missing = missingTools('docker-compose', 'podman', 'buildah', 'crun', 'debootstrap', 'npm', 'curl')
  if (missing.length > 0) throw new Error(`there is no ${missing.join(', ')}`)
  const cleanup = createCleanup()
  try {
    const containers = await openContainers(values)
    cleanup.later(containers.close)
    for (const [name, standIn] of [
      ['docker.io/library/postgres:18', POSTGRES],
      ['docker.io/library/caddy:2', CADDY],
    ] as const)
      say(`${name}: ${await haveImage(containers, name, standIn)}`)
    const { base, real } = await buildImage(containers)
    say(`${base}: ${real}; the image is built`)
    const [command, ...args] = [...showingGroups('--net'), process.execPath, ...process.argv.slice(1)]
    const env = { ...process.env, [VARIABLE]: containers.folder, BILLFOLD_COMPOSE_STARTED: String(started) }
    const { status, error } = spawnSync(command as string, args, { stdio: 'inherit', env })
    if (error) throw error
    return status ?? 1
  } finally {
    await cleanup.run()
  }
}

const folder = process.env[VARIABLE]
if (folder) {
  await tryCompose(await openContainers({ folder }), say)
  console.log('kept: the compose file is what the documents say, and runs')
  process.exit(0)
}
process.exit(await build())
