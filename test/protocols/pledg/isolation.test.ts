import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { pledgRoutes } from '../../../src/protocols/pledg/routes.ts'
import { countRows } from '../../support/credential-world.ts'
import { createPledgWorld, type PledgWorld, token } from '../../support/pledg-world.ts'
import { send } from '../../support/wallet-client.ts'

let world: PledgWorld
let merchant: Awaited<ReturnType<PledgWorld['merchant']>>
before(async () => {
  world = await createPledgWorld()
  merchant = await world.merchant()
})
after(() => world.stop())

it('no credential of another protocol opens an endpoint of this one', async () => {
  const { server } = world
  const { walleo, tillo, operator, clients } = server.sandbox
  const basic = (name: string, secret: string) => `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`
  const others = [
    `Bearer ${server.gateway.token}`,
    `DPoP ${server.merchant.token}`,
    `Bearer ${operator.api_key}`,
    `Bearer ${walleo.api_key}`,
    `Bearer ${tillo.api_key}`,
    `Bearer ${token({ aud: 'billfold:pledg-api', sub: merchant.id, exp: 4e9 }, merchant.secret)}`,
    `Bearer ${merchant.keySecret}`,
    basic(clients.gateway.client_id, clients.gateway.client_secret),
    basic(merchant.key, merchant.keySecret),
    basic(tillo.api_key, tillo.secret),
  ]
  const { uid } = await world.link(merchant)
  // The key of the tokens is made with the first one.
  await world.bearer(merchant)
  const before = await countRows(server)
  for (const { method, path, proof } of pledgRoutes) {
    if (proof === 'open') continue
    const at = `/api${path.replace(':merchant', merchant.uid).replace(':purchase', uid)}`
    for (const authorization of others) {
      const headers = { authorization, 'content-type': 'application/json' }
      const body = method === 'GET' ? {} : { body: '{"amount_cents":1}' }
      const answer = await send(world.url, at, { method, headers, ...body })
      assert.ok([401, 429].includes(answer.status), `${method} ${at}: ${answer.status} ${answer.text}`)
    }
  }
  // The throttle counts guesses, and the log of calls is written a moment after them.
  const written = ({ sign_in_throttle, api_call, credential_use, ...rest }: Record<string, number>) => rest
  assert.deepEqual(written(await countRows(server)), written(before))
})

it('a token, key or signature of this protocol opens nothing of the others', async () => {
  const { authorization } = await world.bearer(merchant)
  const pair = `Basic ${btoa(`${merchant.key}:${merchant.keySecret}`)}`
  for (const path of ['/admin/v1/parties', `/${world.purse}/balance`, '/partners/v1/gift_cards', '/api/v2/brands']) {
    for (const one of [authorization, pair]) {
      const answer = await world.get(path, {
        authorization: one,
        'api-key': merchant.key,
        signature: 'x',
        timestamp: '1',
      })
      assert.ok(
        answer.status === 401 || answer.status === 403 || answer.status === 422 || answer.status === 400,
        `${path}: ${answer.status}`,
      )
      assert.ok(!answer.text.includes(world.purse))
    }
  }
  const grant = await send(world.url, '/oauth/token', {
    headers: { authorization: pair, 'content-type': 'application/x-www-form-urlencoded' },
    body: 'grant_type=client_credentials',
  })
  assert.equal(grant.status, 401)
})
