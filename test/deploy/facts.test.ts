import assert from 'node:assert/strict'
import { accessSync, constants, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parseEnv } from 'node:util'
import { readConfig } from '../../src/config.ts'
import { parseDatabaseUrl } from '../../src/storage/database.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const files = readdirSync(join(root, 'deploy'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => join(parentPath, name).slice(root.length))

test('the variables that the files of deploy/ set are those that Billfold reads', () => {
  const readme = read('README.md')
  for (const file of files) {
    for (const [name] of read(file).matchAll(/\bBILLFOLD_[A-Z_]+\b/g)) {
      // These are of deploy/ itself: the role's password, and the proxy's servers.
      if (['BILLFOLD_DATABASE_PASSWORD', 'BILLFOLD_SERVERS'].includes(name)) continue
      assert.ok(readme.includes(`| \`${name}\` |`), `${file} has ${name}`)
    }
  }
})

test('a server starts on the environment of deploy/systemd as soon as key and password are filled in', () => {
  const env = parseEnv(read('deploy/systemd/billfold.env')) as Record<string, string>
  assert.throws(() => readConfig(env), /BILLFOLD_KEY/)
  const { config } = readConfig({ ...env, BILLFOLD_KEY: Buffer.from([...Array(32).keys()]).toString('hex') })
  const { mode, host, port, home, database } = config
  assert.deepEqual(
    { mode, host, port, home },
    { mode: 'production', host: '127.0.0.1', port: 8080, home: '/var/lib/billfold' },
  )
  assert.equal(database?.others?.length, 2)
  for (const unit of files.filter((file) => /billfold[a-z-]*\.service$/.test(file))) {
    assert.match(read(unit), /^StateDirectory=billfold(\/backups)?$/m, 'BILLFOLD_HOME is what the unit may write')
    assert.match(read(unit), /^EnvironmentFile=\/etc\/billfold\/billfold\.env$/m)
  }
})

test('ports are those that the code has when nobody sets them', () => {
  const { port } = readConfig({}).config
  for (const [file, pattern] of [
    ['deploy/Containerfile', /PORT=(\d+)/g],
    ['deploy/Containerfile', /EXPOSE (\d+)/g],
    ['deploy/compose.yaml', /billfold-\w+:(\d+)/g],
    ['deploy/proxy/Caddyfile', /billfold-\w+:(\d+)/g],
    ['deploy/proxy/nginx.conf', /^ {2}server [\d.]+:(\d+)/gm],
  ] as const) {
    for (const [, found] of read(file).matchAll(pattern)) assert.equal(Number(found), port, file)
  }
  const postgres = parseDatabaseUrl('postgres://one').port
  assert.match(read('deploy/patroni/patroni.yml'), new RegExp(`listen: 127\\.0\\.0\\.1:${postgres}$`, 'm'))
})

test('whoever stops a server waits longer than the server takes to drain, and the proxy longer than a commit is sought', () => {
  const drain = Number(/DRAIN = ([\d_]+)/.exec(read('src/main.ts'))?.[1]?.replace('_', ''))
  const unit = Number(/TimeoutStopSec=(\d+)/.exec(read('deploy/systemd/billfold.service'))?.[1])
  const compose = Number(/stop_grace_period: (\d+)s/.exec(read('deploy/compose.yaml'))?.[1])
  assert.ok(unit * 1000 > drain && compose * 1000 > drain)
  const deadline = Number(/deadline: ([\d_]+)/.exec(read('src/assembly.ts'))?.[1]?.replace('_', ''))
  const proxy = Number(/proxy_read_timeout (\d+)s/.exec(read('deploy/proxy/nginx.conf'))?.[1])
  assert.ok(proxy * 1000 > deadline)
})

test('compose stops the database after the servers: they depend on it by its name', () => {
  const [, common] = /^x-billfold: &billfold\n([\s\S]*?)^services:/m.exec(read('deploy/compose.yaml')) ?? []
  assert.match(common ?? '', /^ {2}depends_on:\n {4}database: \{ condition: service_healthy \}$/m)
})

test('Patroni keeps the bar: a lease that ends before payments must be back, synchronous replicas, no wait for the one that fell', () => {
  const text = read('deploy/patroni/patroni.yml')
  const value = (name: string) => new RegExp(`^ +${name}: (.+)$`, 'm').exec(text)?.[1]
  const [ttl, loop, retry] = ['ttl', 'loop_wait', 'retry_timeout'].map((name) => Number(value(name))) as [
    number,
    number,
    number,
  ]
  assert.ok(loop + 2 * retry <= ttl && ttl < 15)
  assert.equal(value('synchronous_mode'), 'true')
  assert.equal(value('synchronous_commit'), "'on'")
  assert.equal(value('primary_start_timeout'), '0')
  // Each server of two: a pool, the ledger's connection, and looks for the primary; and PostgreSQL keeps some for itself.
  assert.ok(Number(value('max_connections')) >= 2 * (8 + 1 + 4) + 10)
})

test('what is to be run can be run, and no file of deploy/ has a secret', () => {
  const script = join(root, 'deploy/patroni/create-billfold.sh')
  accessSync(script, constants.X_OK)
  assert.equal(statSync(script).mode & 0o022, 0)
  for (const file of files) {
    for (const [line] of read(file).matchAll(/^[A-Z_]*(?:PASSWORD|KEY)=.*$/gm)) assert.match(line, /=$/, file)
  }
})
