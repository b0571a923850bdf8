import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, stat, unlink, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { SandboxFile } from '../../src/operations/fill-sandbox.ts'
import { deleteHome, folderElsewhere, newHome } from '../support/engines.ts'
import { eventually } from '../support/eventually.ts'
import { freePort, type ServerProcess, spawnServer } from '../support/server-process.ts'
import { type Caller, createCaller, envelope, grantToken, opened, send } from '../support/wallet-client.ts'

const home = newHome()
const servers: ServerProcess[] = []
after(async () => {
  for (const server of servers) await server.kill()
  await deleteHome(home)
})

function spawned(command: 'start' | 'launch', port: number, env: Record<string, string> = {}): ServerProcess {
  const server = spawnServer(command, port, { BILLFOLD_HOME: home, ...env })
  servers.push(server)
  return server
}

const sandboxOf = async (place = home): Promise<SandboxFile> =>
  JSON.parse(await readFile(join(place, 'sandbox.json'), 'utf8'))

async function callerOf(url: string, { gateway }: SandboxFile['clients']): Promise<Caller> {
  const token = await grantToken(url, gateway.client_id, gateway.client_secret)
  return createCaller(url, { id: gateway.client_id, signingSecret: gateway.signing_secret, token })
}

const funds = (amount: number) => ({
  endpoint: 'funds',
  source: 'bank:gateway:USD',
  target: 'shop:corner-cafe:USD',
  amount,
  currency: 'USD',
})

/** Processes whose command line names the home, or the folder elsewhere that holds its data. */
function running(): string[] {
  const listing = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' })
  const folders = [home, folderElsewhere(home) ?? home]
  return listing.split('\n').filter((line) => folders.some((it) => line.includes(it)) && !line.includes(' ps '))
}

/** The one line that a failed start says on stderr, without a stack. */
function oneLine(server: ServerProcess): string {
  const lines = server
    .output()
    .trim()
    .split('\n')
    .filter((line) => line.startsWith('billfold start: '))
  assert.equal(lines.length, 1, server.output())
  assert.doesNotMatch(server.output(), /^\s+at /m)
  assert.equal(server.output().trim().split('\n').at(-1), lines[0])
  return lines[0] as string
}

describe('npm start, in order', { timeout: 180_000 }, () => {
  let first: SandboxFile
  let port = 0

  it('gets ready after first runs that were killed anywhere', async () => {
    port = await freePort()
    for (const wait of [60, 350, 700, 1100, 1500]) {
      const server = spawned('start', port)
      await Promise.race([delay(wait + Math.random() * 150), server.exited])
      await server.kill()
    }
    const server = spawned('start', port)
    await server.ready()
    const gateway = await callerOf(server.url, (await sandboxOf()).clients)
    await gateway.done('/shop:corner-cafe:USD/funds', funds(1))
    assert.equal(await server.interrupt(), 0)
  })

  it('writes sandbox.json and sandbox.env as they are documented, for the owner only', async (t) => {
    await deleteHome(home)
    const from = performance.now()
    const server = spawned('launch', port)
    await server.ready()
    t.diagnostic(`first start: ${Math.round(performance.now() - from)} ms`)
    first = await sandboxOf()
    assert.equal((await stat(join(home, 'sandbox.json'))).mode & 0o777, 0o600)
    assert.equal((await stat(join(home, 'sandbox.env'))).mode & 0o777, 0o600)
    assert.equal((await stat(join(home, 'key'))).mode & 0o777, 0o600)
    // Its hundreds of new files are on the disk soon, and not only when somebody waits for a stop.
    await eventually(async () =>
      /checkpoint complete: wrote .* sync files=[1-9]\d\d/.test(
        await readFile(join(home, 'logs', 'postgres.log'), 'utf8'),
      ),
    )

    const members = Object.entries(first).map(([name, it]) => [name, typeof it === 'string' ? it : Object.keys(it)])
    assert.deepEqual(Object.fromEntries(members), {
      url: first.url,
      operator: ['email', 'password', 'api_key'],
      second_operator: ['email', 'password'],
      people: Object.keys(first.people),
      clients: ['gateway', 'merchant', 'browser'],
      till: ['email', 'password'],
      walleo: ['api_key', 'identifier', 'shared_key'],
      tillo: ['api_key', 'secret'],
      jackpot: ['api_key', 'api_signature', 'client_secret', 'allowed_domains'],
      pledg: ['api_key', 'api_secret', 'merchant_uid', 'company_uid', 'merchant_secret', 'dashboard'],
    })
    assert.match(first.url, new RegExp(`^http://(localhost|127\\.0\\.0\\.1):${port}$`))
    assert.ok(first.people.length >= 4)
    for (const person of first.people) {
      assert.deepEqual(Object.keys(person), ['name', 'email', 'password', 'wallets'])
      assert.ok(person.wallets.length > 0)
    }
    const { gateway, merchant, browser } = first.clients
    assert.deepEqual(Object.keys(gateway), ['client_id', 'client_secret', 'signing_secret', 'wallets'])
    assert.deepEqual(Object.keys(merchant), [
      'client_id',
      'client_secret',
      'signing_secret',
      'wallets',
      'redirect_uris',
    ])
    assert.deepEqual(Object.keys(browser), ['client_id', 'redirect_uris'])
    assert.deepEqual(merchant.wallets.map((id) => id.split(':')[2]).sort(), ['COP', 'EUR', 'JPY', 'KWD', 'USD'])

    const shell = [
      'BILLFOLD_URL',
      'OPERATOR_API_KEY',
      'GATEWAY_CLIENT_ID',
      'GATEWAY_SIGNING_SECRET',
      'GATEWAY_USD',
      'MERCHANT_USD',
      'PERSON_USD',
      'WALLEO_SHARED_KEY',
      'TILLO_SECRET',
      'JACKPOT_API_SIGNATURE',
      'PLEDG_MERCHANT_SECRET',
    ]
    const said = execFileSync(
      'sh',
      ['-c', `. "${home}/sandbox.env"; printf '%s\\n' ${shell.map((name) => `"$${name}"`).join(' ')}`],
      { encoding: 'utf8' },
    )
    assert.deepEqual(said.trim().split('\n'), [
      first.url,
      first.operator.api_key,
      gateway.client_id,
      gateway.signing_secret,
      'bank:gateway:USD',
      'shop:corner-cafe:USD',
      first.people[0]?.wallets.find((id) => id.endsWith(':USD')),
      first.walleo.shared_key,
      first.tillo.secret,
      first.jackpot.api_signature,
      first.pledg.merchant_secret,
    ])
    assert.match(server.output(), new RegExp(`ready at http://127\\.0\\.0\\.1:${port}`))
    assert.ok(!server.output().includes(gateway.client_secret))
  })

  it('answers the wallet API, the landing page and the health of the server', async () => {
    const url = `http://127.0.0.1:${port}`
    const gateway = await callerOf(url, first.clients)
    await gateway.done('/shop:corner-cafe:USD/funds', funds(25))
    for (const name of ['localhost', '127.0.0.1']) {
      assert.equal((await send(`http://${name}:${port}`, '/')).status, 200)
    }
    assert.equal((await send(url, '/healthz')).status, 200)
    assert.match(
      (await send(url, '/metrics')).text,
      /billfold_http_request_seconds_count\{family="webwallet",route="\/:walletID\/funds",status="200"\} 1/,
    )
    const operator = { authorization: `Bearer ${first.operator.api_key}` }
    assert.equal((await send(url, '/admin/v1/wallets/shop:corner-cafe:USD', { headers: operator })).status, 200)
  })

  it('refuses a second start on the same home in one line', async () => {
    for (const taken of [await freePort(), port]) {
      const second = spawned('start', taken)
      assert.equal(await second.exited, 1)
      assert.match(oneLine(second), /running on this data already/)
      assert.ok(oneLine(second).includes(home))
    }
    assert.equal((await send(`http://127.0.0.1:${port}`, '/readyz')).status, 200)
  })

  it('refuses a port that is taken in one line, before anything is made', async () => {
    const other = spawned('start', port, { BILLFOLD_HOME: `${home}-other` })
    assert.equal(await other.exited, 1)
    assert.match(oneLine(other), new RegExp(`port ${port} is taken`))
    assert.equal(existsSync(`${home}-other`), false)
  })

  it('refuses a HOST that is no address of this machine, before anything is made', async () => {
    for (const HOST of ['192.0.2.1', 'nobody.invalid']) {
      const other = spawned('start', port, { BILLFOLD_HOME: `${home}-other`, HOST })
      assert.equal(await other.exited, 1)
      assert.equal(oneLine(other), 'billfold start: HOST is no address of this machine')
      assert.equal(existsSync(`${home}-other`), false)
    }
  })

  it('stops at Ctrl-C once: a request in hand is answered, connections are let go, PostgreSQL is gone', async (t) => {
    const server = servers.find(({ child }) => child.exitCode === null && child.signalCode === null) as ServerProcess
    const gateway = await callerOf(server.url, first.clients)
    const body = envelope(gateway.signingSecret, funds(3))
    // Half of a request now, the other half after the signal.
    const slow = connect(port, '127.0.0.1')
    let text = ''
    slow.on('data', (chunk) => {
      text += chunk
    })
    slow.write(
      `POST /shop:corner-cafe:USD/funds HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${gateway.token}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 20)}`,
    )
    // A connection that was opened in advance, as browsers do, and never used.
    const silent = connect(port, '127.0.0.1')
    // And callers that keep their connections and go on asking.
    let stop = false
    let done = 0
    const busy = Array.from({ length: 4 }, async () => {
      while (!stop) {
        const answer = await gateway.post('/shop:corner-cafe:USD/funds', funds(1)).catch(() => null)
        if (answer?.status === 200) done++
        else await delay(20)
      }
    })
    await delay(100)
    const from = performance.now()
    server.child.kill('SIGINT')
    await delay(150)
    slow.write(body.slice(20))
    const status = await server.exited
    const took = Math.round(performance.now() - from)
    stop = true
    await Promise.all(busy)
    silent.destroy()
    t.diagnostic(`stopped after ${took} ms, ${done} requests done before`)
    assert.equal(status, 0)
    assert.match(text, /^HTTP\/1\.1 200 [\s\S]*"success":true/)
    assert.ok(done > 0)
    assert.ok(took < 5_000, `${took} ms`)
    assert.deepEqual(running(), [])
    const left = await readdir(home)
    assert.ok(!left.some((name) => /\.\d+$|\.tmp$/.test(name)), left.join())
  })

  it('keeps every credential and all money at the next start', async (t) => {
    const from = performance.now()
    const server = spawned('start', port)
    await server.ready()
    t.diagnostic(`second start: ${Math.round(performance.now() - from)} ms`)
    assert.deepEqual(await sandboxOf(), first)
    const gateway = await callerOf(server.url, first.clients)
    const before = opened(await gateway.get('/bank:gateway:USD/balance'), gateway.signingSecret).balance.amount
    assert.ok(before <= -28)
    assert.equal(await server.interrupt(), 0)
  })

  it('makes new credentials that work, and ends the old ones, when sandbox.json is gone', async () => {
    await unlink(join(home, 'sandbox.json'))
    const server = spawned('start', port)
    await server.ready()
    const second = await sandboxOf()
    const gateway = await callerOf(server.url, second.clients)
    await gateway.done('/shop:corner-cafe:USD/funds', funds(1))
    const operator = (key: string) =>
      send(server.url, '/admin/v1/wallets', { headers: { authorization: `Bearer ${key}` } })
    assert.equal((await operator(second.operator.api_key)).status, 200)
    assert.equal((await operator(first.operator.api_key)).status, 401)
    await assert.rejects(callerOf(server.url, first.clients), /no token: 401/)
    const old = envelope(first.clients.gateway.signing_secret, funds(1))
    assert.equal((await gateway.raw('/shop:corner-cafe:USD/funds', old)).status, 403)
    assert.notEqual(first.people[0]?.password, second.people[0]?.password)
    assert.equal(await server.interrupt(), 0)
  })

  it('makes what is missing when sandbox.json is half a file, or says less than it should', async () => {
    for (const text of ['{"url": "http', 'null', '{"people":{},"clients":{"gateway":{}}}']) {
      await writeFile(join(home, 'sandbox.json'), text)
      const server = spawned('start', port)
      await server.ready()
      const gateway = await callerOf(server.url, (await sandboxOf()).clients)
      await gateway.done('/shop:corner-cafe:USD/funds', funds(1))
      assert.equal(await server.interrupt(), 0)
    }
  })

  it('takes any port when PORT is 0, and says which', async () => {
    const server = spawned('start', 0)
    const until = Date.now() + 10_000
    while (!server.output().includes('ready at') && Date.now() < until) await delay(20)
    const url = /ready at (http:\/\/127\.0\.0\.1:\d+)/.exec(server.output())?.[1] as string
    assert.ok(url, server.output())
    const sandbox = await sandboxOf()
    assert.equal(new URL(sandbox.url).port, new URL(url).port)
    const gateway = await callerOf(url, sandbox.clients)
    await gateway.done('/shop:corner-cafe:USD/funds', funds(1))
    assert.equal(await server.interrupt(), 0)
    assert.deepEqual(running(), [])
  })

  it('stops cleanly when Ctrl-C comes while it starts', async () => {
    for (const wait of [150, 400, 650]) {
      const server = spawned('start', port)
      await Promise.race([delay(wait), server.exited])
      const status = await Promise.race([server.interrupt(), delay(8_000, 'still there')])
      // Before it listens for signals the signal itself ends it.
      assert.ok(status === 0 || status === null, `${status} ${server.output()}`)
      assert.deepEqual(running(), [])
    }
  })

  it('ends with its launcher, even when that is killed', async () => {
    const launcher = spawned('launch', port)
    await launcher.ready()
    assert.ok(running().length > 0)
    await launcher.kill()
    await eventually(() => running().length === 0)
  })

  it('ends, with nothing left running, when the sandbox cannot be written', async () => {
    await unlink(join(home, 'sandbox.json'))
    await mkdir(join(home, 'sandbox.json'))
    const server = spawned('start', port)
    const status = await Promise.race([server.exited, delay(8_000, 'still there')])
    assert.equal(status, 1, server.output())
    assert.match(server.output(), /EISDIR|sandbox\.json/)
    assert.deepEqual(running(), [])
  })
})
