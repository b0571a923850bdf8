import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { PUBLIC_URL, startSandboxServer } from '../support/server.ts'
import { databaseUrl, freePort, spawnServer } from '../support/server-process.ts'
import { type Answer, createCaller, opened } from '../support/wallet-client.ts'

const CALLERS = 20
const SECONDS = 7
const WALLETS = Array.from({ length: 8 }, (_, i) => `bank:w${i}:USD`)

test('a bank of eight wallets keeps its books over two servers, with duplicates and altered ones in flight', {
  timeout: 60_000,
}, async (t) => {
  const bank = await startSandboxServer()
  const key = (await readFile(join(bank.home, 'key'), 'utf8')).trim()
  const ports = [await freePort(), await freePort()]
  const servers = ports.map((port, i) =>
    spawnServer('serve', port, {
      DATABASE_URL: databaseUrl(bank.db.connection),
      BILLFOLD_MODE: 'sandbox',
      BILLFOLD_KEY: key,
      BILLFOLD_PUBLIC_URL: PUBLIC_URL,
      BILLFOLD_HOME: join(bank.home, `server-${i}`),
      LOG_LEVEL: 'warn',
    }),
  )
  try {
    await Promise.all(servers.map((server) => server.ready()))
    const till = await bank.client(WALLETS.map((id) => ({ id, lower: '-20.00' })))
    const callers = servers.map(({ url }) => createCaller(url, till))

    const pick = (n: number) => Math.floor(Math.random() * n)
    /** of every key, the answers that are not conflicts, and the source of what was sent */
    const answersOf = new Map<string, { source: string; answers: Answer[]; conflicts: number; sent: number }>()
    let stop = false

    async function work(caller: number): Promise<void> {
      for (let i = 0; !stop; i++) {
        const nonce = `op-${caller}-${i}`
        const from = pick(WALLETS.length)
        const source = WALLETS[from] as string
        const target = WALLETS[(from + 1 + pick(WALLETS.length - 1)) % WALLETS.length] as string
        const cents = 1 + pick(900)
        const payload = (amount: number) => ({
          endpoint: 'payments',
          target,
          amount: (amount / 100).toFixed(2),
          currency: 'USD',
          nonce,
        })
        const bodies = [...Array(1 + pick(5)).fill(payload(cents)), ...(pick(3) === 0 ? [payload(cents + 1)] : [])]
        const record = { source, answers: [] as Answer[], conflicts: 0, sent: bodies.length }
        answersOf.set(nonce, record)
        const sent = bodies.map((body) => callers[pick(2)]?.post(`/${source}/payments`, body) as Promise<Answer>)
        for (const answer of await Promise.all(sent)) {
          if (answer.status === 409) record.conflicts++
          else record.answers.push(answer)
        }
      }
    }

    let snapshots = 0
    async function watch(): Promise<void> {
      while (!stop) {
        const [row] = await bank.db.query<{ total: string; broken: bigint }>(
          `select coalesce(sum(balance), 0)::text as total, count(*) filter (where balance - held < lower) as broken
           from account where asset_id = (select id from asset where code = 'USD' and circle = 'public')`,
        )
        assert.deepEqual(row, { total: '0', broken: 0n })
        snapshots++
        await delay(2)
      }
    }

    const jobs = [watch(), ...Array.from({ length: CALLERS }, (_, i) => work(i))]
    await Promise.race([
      delay(SECONDS * 1000),
      ...jobs.map((job) => job.then(() => Promise.reject(new Error('ended early')))),
    ]).finally(() => {
      stop = true
    })
    await Promise.all(jobs)

    const balances = new Map(WALLETS.map((id) => [id, 0n]))
    const counts = { keys: answersOf.size, requests: 0, done: 0, refused: 0, conflicts: 0 }
    const references = new Set<string>()
    for (const [nonce, { source, answers, conflicts, sent }] of answersOf) {
      counts.requests += sent
      counts.conflicts += conflicts
      assert.ok(answers.length > 0, `${nonce} was answered by conflicts only`)
      assert.equal(
        new Set(answers.map(({ status, text }) => `${status} ${text}`)).size,
        1,
        `${nonce} has several answers`,
      )
      const [answer] = answers as [Answer]
      const payload = opened(answer, till.signingSecret)
      if (answer.status !== 200) {
        assert.equal(`${answer.status} ${payload.error.code}`, '422 unavailable-funds')
        counts.refused++
        continue
      }
      counts.done++
      assert.equal(payload.nonce, nonce)
      references.add(payload.reference)
      const cents = BigInt(Math.round(Number(payload.amount) * 100))
      balances.set(source, (balances.get(source) as bigint) - cents)
      balances.set(payload.target, (balances.get(payload.target) as bigint) + cents)
    }
    assert.equal(references.size, counts.done)
    for (const [id, balance] of balances) assert.equal(await bank.balance(id), balance, id)
    const [kept] = await bank.db.query<{ count: bigint }>(`select count(*) from transaction where kind = 'payments'`)
    assert.equal(kept?.count, BigInt(counts.done))
    assert.ok(counts.done > 100 && counts.conflicts > 50 && counts.refused > 0, JSON.stringify(counts))
    const { commits } = (await bank.audit()).counts
    t.diagnostic(`${JSON.stringify(counts)}, ${commits} commits, ${snapshots} snapshots in ${SECONDS} s`)

    const statuses = await Promise.all(servers.map((server) => server.interrupt()))
    assert.deepEqual(statuses, [0, 0])
    for (const server of servers) assert.doesNotMatch(server.output(), /"level":(50|60)/)
  } finally {
    for (const server of servers) await server.kill()
    await bank.stop()
  }
})
