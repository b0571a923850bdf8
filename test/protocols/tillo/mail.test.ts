import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { readBrands } from '../../../src/protocols/tillo/brands.ts'
import { issueCard } from '../../../src/protocols/tillo/digital-issue.ts'
import { createOffers } from '../../../src/protocols/tillo/offers.ts'
import {
  type Answer,
  assertProblem,
  assertSuccess,
  issueBody,
  startWorld,
  type TestPartner,
  type World,
} from './harness.ts'

describe('a card by mail', () => {
  let world: World
  let partner: TestPartner
  before(async () => {
    world = await startWorld()
    partner = await world.partner()
    await world.brand({ slug: 'books', texts: { how_to_use_online: 'Type the code.' } })
    await world.brand({ slug: 'slow-books', asynchronous: true })
  })
  after(async () => {
    assert.deepEqual(world.faults, [])
    await world.assertClean()
    await world.stop()
  })

  const parameters = {
    to_email: 'Ada@Example.com',
    from_name: 'The Shop',
    from_email: 's@example.com',
    subject: 'For Ada',
  }
  const order = (more: object = {}, path = 'digital/issue', brand = 'books'): Promise<Answer> =>
    partner.call(
      'POST',
      path,
      issueBody(brand, 25, { delivery_method: 'email', fulfilment_parameters: parameters, ...more }),
    )

  async function outboxWith(text: string): Promise<string> {
    const until = Date.now() + 10_000
    for (;;) {
      const page = await (await fetch(`${world.url}/outbox`)).text()
      if (page.includes(text)) return page
      assert.ok(Date.now() < until, `no mail says ${text}`)
      await delay(100)
    }
  }

  test('lands in the sandbox’s outbox, and its link opens the card', async () => {
    const { data } = assertSuccess(
      await order({
        personalisation: { message: 'Well read!\n<i>Yours</i>', to_name: 'Ada L.', template: 'standard' },
      }),
    ) as { data?: { code?: string } } & { code?: string }
    assert.equal(data?.code, undefined)
    const page = await outboxWith('For Ada')
    assert.match(page, /Hello Ada L\.,/)
    assert.match(page, /&gt; Well read!\n&gt; &lt;i&gt;Yours&lt;\/i&gt;/)
    assert.match(page, /The Shop sends you a gift card: Books, GBP\u00a025\.00\./)
    const link = /href="(\/cards\/[\w-]+)"/.exec(page)?.[1] ?? assert.fail(page)
    const card = await fetch(world.url + link)
    assert.equal(card.status, 200)
    assert.match(await card.text(), /Books/)
  })

  test('comes once the card is there, where the card comes later', async () => {
    const more = { fulfilment_parameters: { ...parameters, subject: 'Later, Ada', language: 'fr_CA' } }
    assertSuccess(await order(more, 'digital/order-card', 'slow-books'))
    assert.match(await outboxWith('Later, Ada'), /The Shop vous envoie une carte cadeau/)
  })

  test('is refused where nobody could get it, in the protocol’s form, and nothing is paid', async () => {
    const before = await partner.balance()
    assertProblem(await order({ fulfilment_parameters: undefined }), 400, '070')
    assertProblem(
      await order({ fulfilment_by: 'rewardcloud', delivery_method: 'code', fulfilment_parameters: undefined }),
      400,
      '070',
    )
    for (const to of [
      '',
      'ada',
      'ada@',
      '@example.com',
      'ada@example',
      'ada@exa mple.com',
      'ada@example.com, eve@example.com',
      'Ada <ada@example.com>',
      'ada@example.com\r\nBcc: eve@example.com',
      'ada@éxample.com',
      `${'a'.repeat(250)}@example.com`,
      7,
      null,
      ['ada@example.com'],
    ]) {
      const answer = await order({ fulfilment_parameters: { ...parameters, to_email: to } })
      assert.ok(['433', '070'].includes(answer.json.code), `${to}: ${answer.text}`)
      assert.ok(answer.status < 500)
    }
    for (const missing of ['to_email', 'from_name', 'from_email', 'subject']) {
      const answer = await order({ fulfilment_parameters: { ...parameters, [missing]: undefined } })
      assertProblem(answer, 400, '070')
      assert.ok(answer.text.includes(missing), answer.text)
    }
    const subject = 'Hi\r\nBcc: eve@example.com'
    assertProblem(await order({ fulfilment_parameters: { ...parameters, subject } }), 422, '433')
    assert.deepEqual(await partner.balance(), before)
  })

  test('is not offered where no mail ever leaves', async () => {
    const { assembly } = world
    const context = {
      ...assembly,
      origin: world.url,
      buyUpstream: async () => ({ status: 'pending' as const }),
      offers: createOffers({ db: world.db, clock: Date.now }),
      mailer: { ...assembly.mailer, enabled: false },
    }
    const about = { partner: partner.partner, query: new URLSearchParams(), network: '127.0.0.1' }
    const body = issueBody('books', 25, { delivery_method: 'email', fulfilment_parameters: parameters })
    await assert.rejects(issueCard(context, { ...about, operation: 'digitalIssue', body }), { code: '713' })
    const listed = await readBrands(context, { ...about, operation: 'brands', body: {} })
    const { brands } = (listed as { data: { brands: Record<string, { delivery_methods: string[] }> } }).data
    assert.deepEqual(brands.books?.delivery_methods, ['code', 'url'])
  })
})
