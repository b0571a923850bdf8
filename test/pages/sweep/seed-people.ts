import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { makeApplicationPassword } from '../../../src/operations/application-passwords.ts'
import { createParty } from '../../../src/operations/create-party.ts'
import { createSignIn } from '../../../src/operations/create-sign-in.ts'
import { invite } from '../../../src/operations/invite.ts'
import { acceptPurchase } from '../../../src/operations/purchases/accept-purchase.ts'
import { createPurchase } from '../../../src/operations/purchases/create-purchase.ts'
import { requireMerchant } from '../../../src/operations/purchases/require-merchant.ts'
import { insertPasskey } from '../../../src/storage/passkeys.ts'
import { setUpTotp } from '../../support/factors.ts'
import type { Access } from '../console/access.ts'
import { createVisitor, type Visitor } from '../visitor.ts'

const PASSWORD = 'correct horse battery staple 8'

/** Mails whose links are pages, in the sandbox's outbox: an invitation, an address to confirm, an erasure to confirm. */
export async function seedMails(server: Access): Promise<void> {
  const { assembly, db, shop } = server
  await db.transaction((sql) =>
    invite({ ...assembly, db: sql }, { partyId: shop, email: 'invited@shop.example', language: 'en' }),
  )
  const coming = await somebody(server, 'coming@example.com')
  assert.equal((await coming.submit('/account', {}, '/account/verify')).location, '/account?done=verify')
  const leaving = await somebody(server, 'leaving@example.com')
  const asked = await leaving.submit('/account/data/erasure', { password: PASSWORD })
  assert.equal(asked.location, '/account/data/erasure/sent')
}

/** Somebody with every second factor, signed in; and the same one, half signed in. */
export async function seedFactors(server: Access): Promise<{ whole: Visitor; half: Visitor }> {
  const { assembly, db } = server
  const email = 'careful@example.com'
  const visitor = await somebody(server, email)
  await setUpTotp(visitor, PASSWORD)
  await makeApplicationPassword(assembly, { email, name: 'Till at the back', language: 'en' })
  const id = randomBytes(16).toString('base64url')
  const key = { name: 'Telephone', public_key: randomBytes(77), counter: 0, transports: 'internal', backed_up: true }
  assert.ok(await insertPasskey(db, { id, email, ...key }))
  const half = createVisitor(server.url)
  assert.equal((await half.submit('/sign-in', { email, password: PASSWORD })).location, '/sign-in/factor')
  return { whole: visitor, half }
}

/** What the sandbox's first person owes a shop in parts. */
export async function seedPurchases(server: Access): Promise<{ authorized: string; waiting: string; part: string }> {
  const { assembly, db, sandbox } = server
  const [ada] = sandbox.people
  const wallet = await assembly.directory.find(ada?.wallets.find((id) => id.endsWith(':EUR')) as string)
  assert.ok(wallet)
  const bank = { endpoint: 'funds', source: 'bank:gateway:EUR', amount: '900.00', currency: 'EUR' }
  await server.gateway.done(`/${wallet.explicitId}/funds`, { ...bank, target: wallet.explicitId })
  const merchant = await requireMerchant(db, sandbox.pledg.merchant_uid)
  let references = 0
  const purchase = async (plan: string | null) => {
    const wish = { reference: `sweep-${++references}`, amount: 9000n, title: 'Three chairs and a table', details: {} }
    const of = await requireMerchant(db, sandbox.pledg.merchant_uid)
    const made = await createPurchase(assembly.purchases, { merchant: of, via: 'front', wish })
    assert.ok('purchase' in made)
    if (plan === null) return made.purchase
    const by = { partyId: wallet.partyId, wallet, plan, key: randomUUID() }
    const result = await acceptPurchase(assembly.purchases, { purchase: made.purchase, merchant: of, ...by })
    assert.ok(result.accepted, 'accepted')
    return made.purchase
  }
  const { uid } = await purchase('3x')
  await db.query('update merchant set manual_capture = true where id = $1', [merchant.id])
  const [authorized, waiting] = [await purchase('now'), await purchase(null)]
  return { authorized: authorized.id, waiting: waiting.id, part: `/wallet/purchases/${uid}/parts/2` }
}

/** Spends part of a card at the till. @returns where the receipt stands */
export async function redeem(server: Access, code: string): Promise<string> {
  const { email, password } = server.sandbox.till
  const till = createVisitor(server.url)
  assert.equal((await till.submit('/sign-in', { email, password })).status, 303)
  const done = await till.submit('/till', { code, amount: '12.50', step: 'redeem' })
  assert.equal(done.status, 303, done.text)
  return done.location as string
}

async function somebody(server: Access, email: string): Promise<Visitor> {
  const { id } = await createParty(server.assembly, { kind: 'person', name: 'Zoë Mbeki-Łukasiewicz' })
  await createSignIn(server.assembly, { partyId: id, email, password: PASSWORD })
  const visitor = createVisitor(server.url)
  assert.equal((await visitor.submit('/sign-in', { email, password: PASSWORD })).status, 303)
  return visitor
}
