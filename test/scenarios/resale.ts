import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Assembly } from '../../src/assembly.ts'
import type { SandboxFile } from '../../src/operations/fill-sandbox.ts'
import { createBuyUpstream } from '../../src/operations/gift-cards/buy-upstream.ts'
import { fulfilOpenOrders } from '../../src/operations/gift-cards/fulfil-order.ts'
import type { Database } from '../../src/storage/database.ts'
import { deleteHome, newHome } from '../support/engines.ts'
import { freePort, type ServerProcess, spawnServer } from '../support/server-process.ts'

/** The Billfold that buys from another one. */
type Reseller = { db: Database; assembly: Assembly; assertClean(): Promise<void>; stop(): Promise<unknown> }

/** What is sold on, in the protocol of one platform. Money in minor units. */
export type Resale = {
  readonly brandId: string
  /** Asks for one card. @returns the request's id with the code of its card, null where that was to come later; null: no order */
  buy(buyer: number, turn: number): Promise<readonly [requestId: string, code: string | null] | null>
  /** the code that was given for a request, and what the upstream gave for our order of that card */
  codeHere(requestId: string): Promise<string | null | undefined>
  codeThere(orderId: string): Promise<string | null | undefined>
  balanceHere(): Promise<{ balance: bigint; held: bigint }>
  balanceThere(): Promise<bigint>
  readonly priceHere: bigint
  readonly priceThere: bigint
}

const BUYERS = 16

/**
 * Sixteen callers buy of one Billfold what it buys of another, which is killed in the middle of orders; then each order has one
 * card, which both sides know by one code, and is paid for once on both.
 */
export async function resellWhileKilled<R extends Reseller>(
  t: TestContext,
  {
    kills,
    env = {},
    reseller: startReseller,
  }: { kills: number; env?: Record<string, string>; reseller: () => Promise<R> },
  prepare: (reseller: R, upstream: { url: string; sandbox: SandboxFile }) => Promise<Resale>,
): Promise<void> {
  const home = newHome()
  const port = await freePort()
  const start = () => spawnServer('start', port, { BILLFOLD_HOME: home, LOG_LEVEL: 'error', ...env })
  let upstream: ServerProcess = start()
  const reseller = await startReseller()
  let stop = false
  t.after(async () => {
    stop = true
    await reseller.stop()
    await upstream.interrupt()
    await deleteHome(home)
  })
  await upstream.ready()
  const sandbox: SandboxFile = JSON.parse(await readFile(join(home, 'sandbox.json'), 'utf8'))
  const resale = await prepare(reseller, { url: upstream.url, sandbox })
  const [balanceHere, balanceThere] = [await resale.balanceHere(), await resale.balanceThere()]

  const answered = new Map<string, string | null>()
  const buyers = Array.from({ length: BUYERS }, async (_, buyer) => {
    for (let turn = 0; !stop; turn++) {
      const bought = await resale.buy(buyer, turn)
      if (bought) answered.set(...bought)
    }
  })
  for (let kill = 0; kill < kills; kill++) {
    await delay(200 + Math.random() * 600)
    await upstream.kill()
    await delay(Math.random() * 300)
    upstream = start()
    await upstream.ready()
  }
  stop = true
  await Promise.all(buyers)

  const left = await fulfilRest(reseller)
  const rows = await reseller.db.query<{ id: string; request_id: string; status: string; cards: bigint }>(
    `select o.id, o.request_id, o.status, (select count(*) from card c where c.order_id = o.id) as cards
     from gift_order o where o.brand_id = $1`,
    [resale.brandId],
  )
  t.diagnostic(`${rows.length} orders, ${left} of them open after ${kills} kills`)
  assert.equal(rows.length, answered.size)
  assert.ok(left > 0, 'no kill met an order')
  const codes = new Set<string | null | undefined>()
  for (const { id, request_id: requestId, status, cards } of rows) {
    assert.deepEqual([status, cards], ['succeeded', 1n], requestId)
    const code = await resale.codeHere(requestId)
    codes.add(code)
    assert.ok(typeof code === 'string' && [null, code].includes(answered.get(requestId) as string | null), requestId)
    // There the order's id is the id of the request.
    assert.equal(await resale.codeThere(id), code, requestId)
  }
  assert.equal(codes.size, rows.length)
  const sold = BigInt(rows.length)
  assert.equal(await resale.balanceThere(), balanceThere - sold * resale.priceThere)
  assert.deepEqual(await resale.balanceHere(), {
    balance: balanceHere.balance - sold * resale.priceHere,
    held: 0n,
  })
  await reseller.assertClean()
  const { stdout } = await promisify(execFile)(process.execPath, ['src/cli/main.ts', 'audit'], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { ...process.env, BILLFOLD_HOME: home },
  })
  assert.match(stdout, /clean/i)
}

/** What was begun and not ended is taken over after a minute: the minutes pass here. @returns how many orders were open */
async function fulfilRest({ db, assembly }: Reseller): Promise<number> {
  const open = async () => (await db.query("select from gift_order where status in ('requested', 'processing')")).length
  const left = await open()
  const buyThere = createBuyUpstream(assembly)
  for (let minutes = 2; (await open()) > 0; minutes += 2) {
    assert.ok(minutes < 60, 'orders stay open')
    const clock = () => Date.now() + minutes * 60_000
    await fulfilOpenOrders({ ...assembly.gift, clock }, buyThere)
  }
  return left
}
