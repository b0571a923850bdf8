import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { createTillo } from '../../../src/protocols/tillo/routes.ts'
import { createWalleo } from '../../../src/protocols/walleo/routes.ts'
import { PUBLIC_URL } from '../../support/server.ts'
import * as walleo from '../walleo/harness.ts'
import {
  type Answer,
  assertProblem,
  assertSuccess,
  call,
  issueBody,
  startWorld,
  type TestPartner,
  type World,
} from './harness.ts'

describe('a limit by address', () => {
  let world: World
  let partner: TestPartner
  let url: string
  let close: () => void
  before(async () => {
    world = await startWorld()
    partner = await world.partner({ float: '5000.00' })
    for (const slug of ['counted', 'summed', 'walleo-too']) {
      await world.brand({
        slug,
        ...(slug === 'walleo-too' && { codes: { tillo: slug, walleo: 'TOO' }, currency: 'GBP' }),
      })
    }
    for (const rule of [
      { brand: 'counted', max_count: 10 },
      { brand: 'summed', max_amount: 25, currency: 'GBP' },
      { brand: 'walleo-too', max_count: 1 },
    ]) {
      const answer = await fetch(`${world.url}/admin/v1/velocity-rules`, {
        method: 'POST',
        headers: { authorization: `Bearer ${world.sandbox.operator.api_key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ ...rule, subject: 'address', period_seconds: 31_622_400 }),
      })
      assert.equal(answer.status, 201, await answer.text())
    }
    // The same database, behind a proxy whose word is believed.
    const deps = {
      ...world.assembly,
      config: { ...world.assembly.config, trustedProxies: ['127.0.0.1'] },
      origin: PUBLIC_URL,
      publicUrls: [PUBLIC_URL],
      buyUpstream: async () => ({ status: 'pending' as const }),
    }
    const web = new Hono()
    web.route('/api/v2', createTillo(deps))
    web.route('/partners/v1', createWalleo(deps))
    const server = createServer(getRequestListener(web.fetch))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    close = () => {
      server.close()
      server.closeAllConnections()
    }
  })
  after(async () => {
    close()
    await world.assertClean()
    await world.stop()
  })

  const buy = (brand: string, amount: number, from: string): Promise<Answer> =>
    call(url, partner.credentials, 'POST', 'digital/issue', issueBody(brand, amount), {
      headers: { 'x-forwarded-for': from },
    })

  test('lets exactly as many of 64 callers at once through, and says to the others that it is their address', async () => {
    const answers = await Promise.all(Array.from({ length: 64 }, () => buy('counted', 1, '203.0.113.7')))
    const refused = answers.filter(({ json }) => json.code !== '000')
    assert.equal(refused.length, 54)
    for (const answer of refused) {
      assertProblem(answer, 422, '719')
      assert.match(answer.json.message, /how many .* from an address/)
    }
  })

  test('is that of the caller: another address has its own, and a whole IPv6 network one', async () => {
    assertProblem(await buy('counted', 1, '203.0.113.7'), 422, '719')
    // What stands left of what the proxy wrote, the caller may have made up.
    assertProblem(await buy('counted', 1, '198.51.100.1, 203.0.113.7'), 422, '719')
    assertSuccess(await buy('counted', 1, '203.0.113.8'))
    const six = await Promise.all(Array.from({ length: 16 }, (_, i) => buy('counted', 1, `2001:db8:1:2::${i}`)))
    assert.equal(six.filter(({ json }) => json.code === '000').length, 10)
    assertSuccess(await buy('counted', 1, '2001:db8:1:3::1'))
  })

  test('counts money too, whichever partner asks', async () => {
    assertSuccess(await buy('summed', 20, '203.0.113.9'))
    const over = await buy('summed', 6, '203.0.113.9')
    assertProblem(over, 422, '719')
    assert.match(over.json.message, /how much .* from an address/)
    const other = await world.partner()
    const body = issueBody('summed', 6)
    const headers = { 'x-forwarded-for': '203.0.113.9' }
    assertProblem(await call(url, other.credentials, 'POST', 'digital/issue', body, { headers }), 422, '719')
    assertSuccess(await buy('summed', 5, '203.0.113.9'))
  })

  test('is one for both protocols', async () => {
    const from = { 'x-forwarded-for': '203.0.113.10' }
    const { api_key: apiKey, identifier, shared_key: sharedKey } = world.sandbox.walleo
    const credentials = { apiKey, identifier, sharedKey }
    const buyThere = (requestId: string) =>
      walleo.call(
        url,
        credentials,
        'POST',
        '/cards',
        { card: { amount: 5, gift_card_code: 'TOO' } },
        { requestId, headers: from },
      )
    assert.equal((await buyThere('too-1')).status, 200)
    const refused = await buyThere('too-2')
    assert.deepEqual([refused.status, refused.body.errors[0].code], [422, 'limit_reached'])
    assert.match(refused.body.errors[0].message, /from this address/)
    assert.equal((await buyThere('too-2')).text, refused.text)
    assertProblem(await buy('walleo-too', 1, '203.0.113.10'), 422, '719')
  })

  test('is counted by its subject, an IPv6 network as one', async () => {
    const rows = await world.db.query<{ kind: string; subject: string }>(
      'select distinct kind, subject from velocity_use',
    )
    assert.ok(rows.every(({ kind }) => kind === 'address'))
    assert.ok(rows.some(({ subject }) => subject === '2001:db8:1:2'))
  })
})
