import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { databaseUrl, freePort } from '../test/support/server-process.ts'
import { createCaller, grantToken, send } from '../test/support/wallet-client.ts'
import { createCleanup } from './support/cleanup.ts'
import { missingTools, openContainers } from './support/containers.ts'
import { buildImage, lookInto } from './support/image.ts'
import { openLine } from './support/line.ts'
import { startOwnEngine } from './support/own-engine.ts'

// `node bin/run.mjs assurance/container.ts`: builds deploy/Containerfile, looks into the image, and runs it as deploy/compose.yaml does:
// migration, two servers closed off, a payment repeated at the other one, SIGTERM. Wants root, Debian's buildah, podman, crun and
// debootstrap, and the npm registry. Images and data lie in a folder of their own and are deleted.

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } })
const missing = missingTools('buildah', 'podman', 'crun', 'debootstrap', 'npm')
if (missing.length > 0) throw new Error(`there is no ${missing.join(', ')}`)
const cleanup = createCleanup()
const say = (what: string) => console.log(`${(performance.now() / 1000).toFixed(0)} s: ${what}`)

try {
  const containers = await openContainers(values)
  cleanup.later(containers.close)
  const { podman } = containers
  const { base, real } = await buildImage(containers)
  say(`${base}: ${real}; the image is built`)
  const image = await lookInto(containers, 'localhost/billfold', base)
  say(
    `${image.megabytes} MB, ${image.ours} MB of it above its base; ${image.packages} packages, none of them for tests`,
  )

  const own = await startOwnEngine()
  cleanup.later(own.stop)
  // The containers have this machine's network and not its files.
  const line = await openLine(own.engine.connection)
  cleanup.later(line.close)
  const billfold = (...command: string[]) => {
    const environment = {
      BILLFOLD_MODE: 'production',
      BILLFOLD_KEY: key,
      BILLFOLD_PUBLIC_URL: 'https://pay.example',
      DATABASE_URL: databaseUrl(line.connection),
      HOST: '127.0.0.1',
    }
    const set = Object.entries(environment).map(([name, value]) => `--env=${name}=${value}`)
    const closed = ['--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges', '--tmpfs=/tmp']
    const here = ['--network=host', '--ulimit=host', '--health-interval=disable']
    return podman('run', ...here, ...closed, ...set, ...command)
  }
  const key = randomBytes(32).toString('hex')
  await billfold('--rm', 'localhost/billfold', 'migrate')
  const servers = []
  for (const name of ['one', 'two']) {
    const port = await freePort()
    await billfold(
      '--detach',
      `--name=${name}`,
      `--env=PORT=${port}`,
      `--volume=${name}:/var/lib/billfold`,
      'localhost/billfold',
    )
    servers.push({ name, url: `http://127.0.0.1:${port}` })
  }
  for (const { name, url } of servers) {
    const until = performance.now() + 60_000
    while ((await send(url, '/readyz').catch(() => null))?.status !== 200) {
      if (performance.now() > until) throw new Error(await podman('logs', name))
      await delay(100)
    }
    await podman('healthcheck', 'run', name)
  }
  say('two servers are ready, and healthy by their own check')

  const cli = async (...args: string[]) =>
    JSON.parse(await podman('exec', 'one', 'node', 'src/cli/main.ts', ...args, '--json'))
  const party = await cli('party', 'create', '--kind', 'business', '--name', 'Shop')
  const [source, target] = ['shop:one:USD', 'shop:two:USD']
  await cli('wallet', 'open', source, '--party', party.id, '--lower=-100.00')
  await cli('wallet', 'open', target, '--party', party.id)
  const client = await cli(
    'client',
    'create',
    '--party',
    party.id,
    '--name',
    'Till',
    '--scope',
    'payments',
    '--scope',
    'balance',
  )
  const answers = []
  for (const { url } of servers) {
    const token = await grantToken(url, client.id, client.client_secret)
    const caller = createCaller(url, { id: client.id, signingSecret: client.signing_secret, token })
    const payload = { endpoint: 'payments', target, amount: '12.34', currency: 'USD' }
    answers.push(await caller.post(`/${source}/payments`, payload, { 'idempotency-key': 'one' }))
  }
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200],
    answers[0]?.text,
  )
  assert.equal(answers[1]?.text, answers[0]?.text, 'the other server gives the same bytes')
  assert.equal(String((await cli('wallet', 'balance', target)).balance), '12.34')
  say('a payment is done, and repeated at the other server with the same bytes')

  for (const { name } of servers) {
    const who = await podman(
      'exec',
      name,
      'sh',
      '-c',
      'id -u; touch src/x || echo refused; ls -ld $BILLFOLD_HOME; cat /proc/1/status',
    )
    assert.match(who, /^1000\n/)
    assert.match(who, /refused/)
    assert.match(who, /drwx------.* node node /)
    assert.match(who, /CapEff:\s+0+\n/)
    assert.match(who, /NoNewPrivs:\s+1\n/)
    const began = performance.now()
    await podman('stop', '--time=20', name)
    const state = JSON.parse(await podman('inspect', '--format={{json .State}}', name))
    assert.equal(state.ExitCode, 0, await podman('logs', name))
    say(`${name} ended with 0 in ${((performance.now() - began) / 1000).toFixed(1)} s of SIGTERM`)
    const logs = await podman('logs', name)
    for (const secret of [key, client.client_secret, client.signing_secret]) assert.ok(!logs.includes(secret))
  }
  console.log('kept: the image is what the documents say, and runs')
} finally {
  await cleanup.run()
}
