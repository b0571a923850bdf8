import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { createSignIn } from '../../../src/operations/create-sign-in.ts'
import { createPledgWorld, type PledgWorld } from '../../support/pledg-world.ts'

let world: PledgWorld
let merchant: Awaited<ReturnType<PledgWorld['merchant']>>
const PASSWORD = 'john123 rides again'
before(async () => {
  world = await createPledgWorld()
  merchant = await world.merchant()
  await createSignIn(world.server.assembly, { partyId: merchant.partyId, email: 'jo@shop.example', password: PASSWORD })
})
after(() => world.stop())

const basic = (email: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${email}:${password}`).toString('base64')}`,
})
const status = async () => `/api/merchants/${merchant.uid}/purchases/${(await world.link(merchant)).uid}`

it('a person of the merchant proves it by the login of the dashboard, many times at once', async () => {
  const path = await status()
  const answers = await Promise.all(
    Array.from({ length: 32 }, () => world.get(path, basic('Jo@shop.example', PASSWORD))),
  )
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
})

it('a person of another party sees nothing of it', async () => {
  const path = await status()
  assert.equal((await world.get(path, basic(world.ada.email, world.ada.password))).status, 404)
})

it('a viewer of the team reads, and moves nothing, from the request on with which the role changes', async () => {
  const role = (name: string) =>
    world.db.query('update sign_in set role = $1 where email = $2', [name, 'jo@shop.example'])
  const headers = basic('jo@shop.example', PASSWORD)
  const path = await status()
  const purchase = path.split('/').at(-1) as string
  const writes = [
    [`/api/purchases/${purchase}/capture`, {}],
    [`/api/purchases/${purchase}/credit_by_transfer`, { amount_cents: 1 }],
    [`/api/purchases/${purchase}/release`, {}],
  ] as const
  const answers = () => Promise.all(writes.map(async ([to, body]) => (await world.post(to, body, headers)).status))
  assert.deepEqual(await answers(), [409, 409, 409], 'a member gets as far as the state of the purchase')
  await role('viewer')
  assert.equal((await world.get(path, headers)).status, 200)
  assert.deepEqual(await answers(), [403, 403, 403])
  const refused = await world.post(writes[0][0], {}, headers)
  assert.equal((refused.body.error as { type: string }).type, 'authentication_error')
  await role('member')
  assert.deepEqual(await answers(), [409, 409, 409])
  await role('owner')
})

it('a changed password ends it at once, though it was remembered', async () => {
  const path = await status()
  assert.equal((await world.get(path, basic('jo@shop.example', PASSWORD))).status, 200)
  const { passwords } = world.server.assembly
  await world.db.query('update sign_in set password_hash = $2 where email = $1', [
    'jo@shop.example',
    await passwords.hash('something else'),
  ])
  assert.equal((await world.get(path, basic('jo@shop.example', PASSWORD))).status, 401)
  await world.db.query('update sign_in set password_hash = $2 where email = $1', [
    'jo@shop.example',
    await passwords.hash(PASSWORD),
  ])
})

it('guesses are slowed down as on the sign-in page, and look alike', async () => {
  const path = await status()
  const answers = []
  for (let guess = 0; guess < 8; guess += 1)
    answers.push(await world.get(path, basic('jo@shop.example', `guess ${guess}`)))
  const refused = answers.filter(({ status }) => status === 401)
  const slowed = answers.filter(({ status }) => status === 429)
  assert.ok(refused.length >= 4 && slowed.length >= 2, String(answers.map(({ status }) => status)))
  assert.ok(Number(slowed[0]?.headers['retry-after']) > 0)
  const unknown = await world.get(path, basic('nobody@shop.example', 'x'))
  assert.equal(unknown.text, refused[0]?.text)
})

it('the login opens neither the token endpoint nor a link', async () => {
  const headers = { ...basic('jo@shop.example', PASSWORD), 'content-type': 'application/x-www-form-urlencoded' }
  assert.equal((await world.post('/api/token', 'grant_type=client_credentials', headers)).status, 401)
  assert.equal((await world.post('/api/purchase_link/', undefined, headers)).status, 401)
})
