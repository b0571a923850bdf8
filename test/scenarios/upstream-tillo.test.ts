import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { createTillo } from '#sdk/tillo/client.ts'
import { assertSuccess, issueBody, startWorld } from '../protocols/tillo/harness.ts'
import { resellWhileKilled } from './resale.ts'

test(
  'one Billfold buys through Tillo from another that is killed in the middle of orders: each order has one card, paid for once',
  {
    timeout: 180_000,
  },
  (t) =>
    resellWhileKilled(
      t,
      { kills: 4, env: { BILLFOLD_TILLO_RATE_LIMIT: '1000000' }, reseller: startWorld },
      async (world, upstream) => {
        const { api_key: apiKey, secret } = upstream.sandbox.tillo
        const url = `${upstream.url}/api/v2`
        const there = createTillo({ apiKey, secret, url })
        const brand = await world.brand({
          slug: 'resold',
          supply: 'upstream',
          discountBp: 200,
          upstream: { protocol: 'tillo', url, apiKey, secret, brand: 'amazon', sector: 'marketplace' },
        })
        const partner = await world.partner({ float: '1000000.00' })
        return {
          brandId: brand.id,
          async buy(buyer) {
            const body = issueBody('resold', '50.00')
            const answer = await partner.call('POST', buyer % 2 ? 'digital/issue' : 'digital/order-card', body)
            // Orders come faster than their cards.
            if (buyer % 2 === 0) await delay(400)
            const { code } = answer.json
            if (code === '211') {
              await delay(500)
              return null
            }
            return [body.client_request_id, code === '729' ? null : (assertSuccess(answer).code ?? null)]
          },
          async codeHere(requestId) {
            const query = `original_client_request_id=${requestId}`
            return assertSuccess(await partner.call('GET', 'digital/order-status', undefined, { query })).code
          },
          codeThere: async (id) => (await there.digital.orderStatus({ original_client_request_id: id })).code,
          balanceHere: () => partner.balance(),
          async balanceThere() {
            const { floats } = await there.checkFloats()
            return BigInt(Math.round(Number(floats.GBP?.['universal-float']?.available_balance) * 100))
          },
          // A card of 50 pounds.
          priceHere: 4_900n,
          priceThere: 4_775n,
        }
      },
    ),
)
