import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'

// What reads the files of deploy/ in earnest reads them here, where it is installed.

const root = fileURLToPath(new URL('../../', import.meta.url))
const deploy = join(root, 'deploy')
const folder = mkdtempSync(join(tmpdir(), 'deploy-'))

/** Why a test is left out: one of these is not installed. */
function without(...tools: string[]): string | false {
  const missing = tools.find((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0)
  return missing ? `there is no ${missing}` : false
}

function run(command: string, args: string[], env: Record<string, string> = {}): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: 30_000,
    env: { ...process.env, ...env },
  })
  assert.equal(status, 0, `${command} ${args.join(' ')}\n${stdout}${stderr}`)
  return stdout + stderr
}

describe('deploy/ as its readers see it', { concurrency: true }, () => {
  test('systemd takes the units', { skip: without('systemd-analyze') }, () => {
    const units = join(folder, 'units')
    mkdirSync(units)
    for (const name of readdirSync(join(deploy, 'systemd')).filter((each) => /\.(service|timer)$/.test(each))) {
      // It looks whether the program is there: here it is in the checkout.
      writeFileSync(
        join(units, name),
        readFileSync(join(deploy, 'systemd', name), 'utf8').replaceAll('/srv/billfold', root),
      )
    }
    const said = run('systemd-analyze', ['verify', ...readdirSync(units).map((name) => join(units, name))])
    assert.doesNotMatch(said, /billfold/, 'and has nothing to remark')
    for (const [, when] of execFileSync('grep', ['-h', 'OnCalendar=', '-r', units], { encoding: 'utf8' }).matchAll(
      /=(.+)/g,
    )) {
      run('systemd-analyze', ['calendar', when as string])
    }
  })

  test('compose takes its file', { skip: without('docker-compose') }, () => {
    const env = { DOMAIN: 'pay.example', BILLFOLD_KEY: '00', POSTGRES_PASSWORD: 'secret' }
    const said = run('docker-compose', ['-f', join(deploy, 'compose.yaml'), 'config'], env)
    assert.match(said, /DATABASE_URL: postgres:\/\/billfold:secret@database:5432\/billfold/)
    assert.match(said, /BILLFOLD_PUBLIC_URL: https:\/\/pay\.example/)
    const { status } = spawnSync('docker-compose', ['-f', join(deploy, 'compose.yaml'), 'config'], {
      env: { ...process.env, ...env, BILLFOLD_KEY: '' },
    })
    assert.notEqual(status, 0, 'a key that was forgotten is told')
  })

  test('Caddy takes its file', { skip: without('caddy') }, () => {
    run('caddy', ['validate', '--adapter', 'caddyfile', '--config', join(deploy, 'proxy/Caddyfile')], {
      DOMAIN: 'pay.example',
      HOME: folder,
    })
  })

  test('nginx takes its file', { skip: without('nginx', 'openssl') }, () => {
    const live = join(folder, 'nginx')
    mkdirSync(live)
    const [key, certificate] = [join(live, 'privkey.pem'), join(live, 'fullchain.pem')]
    run('openssl', [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      '/CN=pay.example',
      '-keyout',
      key,
      '-out',
      certificate,
    ])
    const site = readFileSync(join(deploy, 'proxy/nginx.conf'), 'utf8')
      .replaceAll('/etc/letsencrypt/live/pay.example', live)
      .replaceAll(/listen (80|443)/g, 'listen 127.0.0.1:1$1')
    const text = `pid ${live}/pid; error_log ${live}/error.log; events {} http { access_log off; ${site} }`
    writeFileSync(join(live, 'nginx.conf'), text)
    run('nginx', ['-t', '-p', live, '-e', join(live, 'error.log'), '-c', join(live, 'nginx.conf')])
  })

  test('Patroni takes its file', { skip: without('patroni') }, () => {
    const config = join(folder, 'patroni.yml')
    const text = readFileSync(join(deploy, 'patroni/patroni.yml'), 'utf8')
    // The node's own name and addresses come in the environment, which the validator does not read.
    writeFileSync(
      config,
      `name: one\n${text.replaceAll(/connect_address: 127\.0\.0\.1/g, 'connect_address: 10.0.0.1')}`,
    )
    const { stdout, stderr } = spawnSync('patroni', ['--validate-config', config], {
      encoding: 'utf8',
      timeout: 30_000,
    })
    // Who may connect stands under `postgresql`; there is no etcd here, and perhaps no PostgreSQL 15.
    const known = /^bootstrap\.pg_hba +is not defined|not reachable|^postgresql\.bin_dir/
    const complaints = `${stdout}${stderr}`.split('\n').filter((line) => line.trim() !== '' && !known.test(line))
    assert.deepEqual(complaints, [])
  })
})
