import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createTillo } from '#sdk/tillo/client.ts'
import type { SandboxFile } from '../../src/operations/fill-sandbox.ts'
import { createBuyUpstream } from '../../src/operations/gift-cards/buy-upstream.ts'
import { fulfilOpenOrders } from '../../src/operations/gift-cards/fulfil-order.ts'
import { assertSuccess, issueBody, startWorld } from '../protocols/tillo/harness.ts'
import { deleteHome, newHome } from '../support/engines.ts'
import { freePort, type ServerProcess, spawnServer } from '../support/server-process.ts'

const KILLS = 4
const BUYERS = 16
/** Minor units: what a card of 50 pounds costs at the upstream's sandbox, and at ours. */
const [THEIR_PRICE, OUR_PRICE] = [4_775n, 4_900n]

test('one Billfold buys through Tillo from another that is killed in the middle of orders: each order has one card, paid for once', {
  timeout: 180_000,
}, async (t) => {
  const home = newHome()
  const port = await freePort()
  const env = { BILLFOLD_HOME: home, LOG_LEVEL: 'error', BILLFOLD_TILLO_RATE_LIMIT: '1000000' }
  const start = () => spawnServer('start', port, env)
  let upstream: ServerProcess = start()
  const world = await startWorld()
  let stop = false
  t.after(async () => {
    stop = true
    await world.stop()
    await upstream.interrupt()
    await deleteHome(home)
  })
  await upstream.ready()
  const { tillo }: SandboxFile = JSON.parse(await readFile(join(home, 'sandbox.json'), 'utf8'))
  const credentials = { apiKey: tillo.api_key, secret: tillo.secret }
  const url = `${upstream.url}/api/v2`
  const there = createTillo({ ...credentials, url })
  const floatThere = async () =>
    BigInt(Math.round(Number((await there.checkFloats()).floats.GBP?.['universal-float']?.available_balance) * 100))
  const brand = await world.brand({
    slug: 'resold',
    supply: 'upstream',
    discountBp: 200,
    upstream: { protocol: 'tillo', url, ...credentials, brand: 'amazon', sector: 'marketplace' },
  })
  const partner = await world.partner({ float: '1000000.00' })
  const [balanceHere, balanceThere] = [await partner.balance(), await floatThere()]

  /** What each request was answered with; null where the card was to come later. */
  const answered = new Map<string, string | null>()

  async function buyOn(buyer: number): Promise<void> {
    while (!stop) {
      const body = issueBody('resold', '50.00')
      const answer = await partner.call('POST', buyer % 2 ? 'digital/issue' : 'digital/order-card', body)
      const { code } = answer.json
      if (code === '211') await delay(500)
      else if (code === '729') answered.set(body.client_request_id, null)
      else answered.set(body.client_request_id, assertSuccess(answer).code ?? null)
      // Orders come faster than their cards.
      if (buyer % 2 === 0) await delay(400)
    }
  }

  const buyers = Array.from({ length: BUYERS }, (_, buyer) => buyOn(buyer))
  for (let kill = 0; kill < KILLS; kill++) {
    await delay(200 + Math.random() * 600)
    await upstream.kill()
    await delay(Math.random() * 300)
    upstream = start()
    await upstream.ready()
  }
  stop = true
  await Promise.all(buyers)

  // What was begun and not ended is taken over after a minute: let the minutes pass.
  const open = async () =>
    (await world.db.query("select from gift_order where status in ('requested', 'processing')")).length
  const left = await open()
  const buyThere = createBuyUpstream(world.assembly)
  for (let minutes = 2; (await open()) > 0; minutes += 2) {
    assert.ok(minutes < 60, 'orders stay open')
    const clock = () => Date.now() + minutes * 60_000
    await fulfilOpenOrders({ ...world.assembly.gift, clock }, buyThere)
  }

  const rows = await world.db.query<{ id: string; request_id: string; status: string; cards: bigint }>(
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
    const query = `original_client_request_id=${requestId}`
    const here = assertSuccess(await partner.call('GET', 'digital/order-status', undefined, { query }))
    codes.add(here.code)
    assert.ok([null, here.code].includes(answered.get(requestId) as string | null), requestId)
    // There the order's id is the id of the request.
    assert.equal((await there.digital.orderStatus({ original_client_request_id: id })).code, here.code, requestId)
  }
  assert.equal(codes.size, rows.length)
  const sold = BigInt(rows.length)
  assert.equal(await floatThere(), balanceThere - sold * THEIR_PRICE)
  assert.deepEqual(await partner.balance(), { balance: balanceHere.balance - sold * OUR_PRICE, held: 0n })
  await world.assertClean()
  const { stdout } = await promisify(execFile)(process.execPath, ['src/cli/main.ts', 'audit'], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { ...process.env, BILLFOLD_HOME: home },
  })
  assert.match(stdout, /clean/i)
})
