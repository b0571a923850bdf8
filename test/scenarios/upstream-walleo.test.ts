import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWalleo } from '#sdk/walleo/client.ts'
import { startWalleo } from '../protocols/walleo/harness.ts'
import { resellWhileKilled } from './resale.ts'

test(
  'one Billfold buys from another that is killed in the middle of orders: each order has one card, paid for once',
  {
    timeout: 180_000,
  },
  (t) =>
    resellWhileKilled(t, { kills: 6, reseller: startWalleo }, async (server, upstream) => {
      const { api_key: apiKey, identifier, shared_key: sharedKey } = upstream.sandbox.walleo
      const url = `${upstream.url}/partners/v1`
      const there = createWalleo({ apiKey, identifier, sharedKey, url })
      const brand = await server.brand('RESOLD', {
        supply: 'upstream',
        discountBp: 200,
        upstream: { protocol: 'walleo', url, apiKey, identifier, sharedKey, code: 'IKEAFR' },
      })
      const { buy, call, float } = await server.partner('reseller', 100_000_000n)
      const card = { amount: 50, gift_card_code: 'RESOLD' }
      return {
        brandId: brand.id,
        async buy(buyer, turn) {
          const requestId = `${buyer}-${turn}`
          const answer =
            turn % 4 === 3
              ? await call('POST', '/pull_requests', { pull_request: { ...card, request_id: requestId } })
              : await buy(card, requestId)
          if (answer.status === 200) return [requestId, answer.body.card?.code ?? null]
          assert.equal(answer.body.errors[0].code, 'come_back_later', answer.text)
          return [requestId, null]
        },
        codeHere: async (requestId) => (await call('GET', `/pull_requests/${requestId}`)).body.pull_request.card.code,
        codeThere: async (id) => (await there.pullRequest(id)).card?.code,
        balanceHere: () => server.account(float),
        balanceThere: async () => BigInt((await there.balance()).amount_cents),
        // A card of 50 euros.
        priceHere: 4_900n,
        priceThere: 4_750n,
      }
    }),
)
