import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createWalleo } from '#sdk/walleo/client.ts'
import type { SandboxFile } from '../../src/operations/fill-sandbox.ts'
import { createBuyUpstream } from '../../src/operations/gift-cards/buy-upstream.ts'
import { fulfilOpenOrders } from '../../src/operations/gift-cards/fulfil-order.ts'
import { startWalleo } from '../protocols/walleo/harness.ts'
import { deleteHome, newHome } from '../support/engines.ts'
import { freePort, type ServerProcess, spawnServer } from '../support/server-process.ts'

const KILLS = 6
const BUYERS = 16
/** Minor units: what a card of 50 euros costs at the upstream's sandbox, and at ours. */
const [THEIR_PRICE, OUR_PRICE] = [4_750n, 4_900n]

test('one Billfold buys from another that is killed in the middle of orders: each order has one card, paid for once', {
  timeout: 180_000,
}, async (t) => {
  const home = newHome()
  const port = await freePort()
  const start = () => spawnServer('start', port, { BILLFOLD_HOME: home, LOG_LEVEL: 'error' })
  let upstream: ServerProcess = start()
  const server = await startWalleo()
  let stop = false
  t.after(async () => {
    stop = true
    await server.stop()
    await upstream.interrupt()
    await deleteHome(home)
  })
  await upstream.ready()
  const { walleo }: SandboxFile = JSON.parse(await readFile(join(home, 'sandbox.json'), 'utf8'))
  const credentials = { apiKey: walleo.api_key, identifier: walleo.identifier, sharedKey: walleo.shared_key }
  const url = `${upstream.url}/partners/v1`
  const there = createWalleo({ ...credentials, url })
  const brand = await server.brand('RESOLD', {
    supply: 'upstream',
    discountBp: 200,
    upstream: { protocol: 'walleo', url, ...credentials, code: 'IKEAFR' },
  })
  const { buy, call, float } = await server.partner('reseller', 100_000_000n)
  const [balanceHere, balanceThere] = [await server.account(float), await there.balance()]

  /** What each request was answered with; null where the answer was to come back later. */
  const answered = new Map<string, string | null>()
  const card = { amount: 50, gift_card_code: 'RESOLD' }

  async function buyOn(buyer: number): Promise<void> {
    for (let i = 0; !stop; i++) {
      const requestId = `${buyer}-${i}`
      const answer =
        i % 4 === 3
          ? await call('POST', '/pull_requests', { pull_request: { ...card, request_id: requestId } })
          : await buy(card, requestId)
      if (answer.status === 200) answered.set(requestId, answer.body.card?.code ?? null)
      else {
        assert.equal(answer.body.errors[0].code, 'come_back_later', answer.text)
        answered.set(requestId, null)
      }
    }
  }

  const buyers = Array.from({ length: BUYERS }, (_, buyer) => buyOn(buyer))
  for (let kill = 0; kill < KILLS; kill++) {
    await delay(200 + Math.random() * 400)
    await upstream.kill()
    await delay(Math.random() * 300)
    upstream = start()
    await upstream.ready()
  }
  stop = true
  await Promise.all(buyers)

  // What was begun and not ended is taken over after a minute: let the minutes pass.
  const open = async () =>
    (await server.db.query("select from gift_order where status in ('requested', 'processing')")).length
  const left = await open()
  const buyThere = createBuyUpstream(server.assembly)
  for (let minutes = 2; (await open()) > 0; minutes += 2) {
    assert.ok(minutes < 60, 'orders stay open')
    const clock = () => Date.now() + minutes * 60_000
    await fulfilOpenOrders({ ...server.assembly.gift, clock }, buyThere)
  }

  const rows = await server.db.query<{ id: string; request_id: string; status: string; cards: bigint }>(
    `select o.id, o.request_id, o.status, (select count(*) from card c where c.order_id = o.id) as cards
     from gift_order o where o.brand_id = $1`,
    [brand.id],
  )
  t.diagnostic(`${rows.length} orders, ${left} of them open after ${KILLS} kills`)
  assert.equal(rows.length, answered.size)
  assert.ok(left > 0, 'no kill met an order')
  const codes = new Set<string>()
  for (const { id, request_id: requestId, status, cards } of rows) {
    assert.deepEqual([status, cards], ['succeeded', 1n], requestId)
    const { code } = (await call('GET', `/pull_requests/${requestId}`)).body.pull_request.card
    codes.add(code)
    assert.ok([null, code].includes(answered.get(requestId) as string | null), requestId)
    // There the order's id is the id of the request.
    assert.equal((await there.pullRequest(id)).card?.code, code, requestId)
  }
  assert.equal(codes.size, rows.length)
  const sold = BigInt(rows.length)
  assert.equal(BigInt((await there.balance()).amount_cents), BigInt(balanceThere.amount_cents) - sold * THEIR_PRICE)
  assert.deepEqual(await server.account(float), { balance: balanceHere.balance - sold * OUR_PRICE, held: 0n })
  await server.assertClean()
  const { stdout } = await promisify(execFile)(process.execPath, ['src/cli/main.ts', 'audit'], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { ...process.env, BILLFOLD_HOME: home },
  })
  assert.match(stdout, /clean/i)
})
