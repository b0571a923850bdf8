import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createTillo } from '../../../sdk/src/tillo/client.ts'
import { tilloEndpoints } from '../../../sdk/src/tillo/endpoints.ts'
import { TilloError } from '../../../sdk/src/tillo/error.ts'
import type { Tillo } from '../../../sdk/src/tillo/types.ts'
import { handlers } from '../../../src/protocols/tillo/routes.ts'
import { startWorld, type TestPartner, type World } from './harness.ts'

for (const form of ['simplified', 'full'] as const)
  describe(`the SDK's client, signing the ${form} form, against this server`, () => {
    let world: World
    let partner: TestPartner
    let tillo: Tillo
    const paths = new Set<string>()
    before(async () => {
      world = await startWorld()
      partner = await world.partner()
      await world.brand({ slug: 'books', discountBp: 450 })
      await world.brand({ slug: 'plastic', texts: { tillo: { physical: true } } })
      tillo = createTillo({
        url: `${world.url}/api/v2`,
        ...partner.credentials,
        form,
        fetch: (url, init) => {
          paths.add(`${init?.method} ${new URL(String(url)).pathname.replace('/api/v2/', '')}`)
          return fetch(url, init)
        },
      })
    })
    after(() => world.stop())

    const gbp = (amount: string | number) => ({ amount, currency: 'GBP' })
    const sale = (brand: string, amount: string | number) =>
      ({
        brand,
        face_value: gbp(amount),
        sector: 'marketplace',
        delivery_method: 'code',
        fulfilment_by: 'partner',
      }) as const

    test('digital cards are issued, repeated, read, topped up, cancelled and reversed', async () => {
      const request = { ...sale('books', '20.00'), client_request_id: `sdk-${form}-1` }
      const card = await tillo.digital.issue(request)
      assert.deepEqual(await tillo.digital.issue(request), card)
      assert.equal(card.cost_value?.amount, 19.1)
      const common = { brand: 'books', sector: 'marketplace' } as const
      const check = { ...common, face_value: { currency: 'GBP' }, code: card.code as string }
      assert.equal((await tillo.digital.checkBalance(check)).face_value.amount, 20)
      await tillo.digital.topUp({ ...common, face_value: gbp(5.5), reference: card.reference })
      assert.equal((await tillo.digital.checkBalance(check)).face_value.amount, 25.5)
      const other = { ...sale('books', 10), client_request_id: `sdk-${form}-2` }
      const second = await tillo.digital.issue(other)
      const back = { ...common, face_value: gbp(10), original_client_request_id: other.client_request_id }
      const cancelled = await tillo.digital.cancel({ ...back, code: second.code as string })
      assert.ok(cancelled.float_balance)
      const again = tillo.digital.reverse(back)
      await assert.rejects(again, (error: TilloError) => error.code === '100' && error.applied === 'no')
      const third = { ...sale('books', 10), client_request_id: `sdk-${form}-3` }
      await tillo.digital.issue(third)
      await tillo.digital.reverse({ ...back, original_client_request_id: third.client_request_id })
    })

    test('orders are placed and awaited', async () => {
      const { reference } = await tillo.digital.orderCard(sale('books', '15.00'))
      const done = await tillo.digital.awaitOrder({ reference }, { interval: 50 })
      assert.deepEqual([done.status, done.face_value], ['SUCCESS', gbp(15)])
    })

    test('plastic cards are activated, topped up, ordered, fulfilled and taken back', async () => {
      const [one, two, three] = await world.plastic('plastic', 3)
      const of = (card: typeof one) => ({ brand: 'plastic', code: card?.code as string, pin: card?.pin as string })
      const { physical } = tillo
      const activation = { ...of(one), face_value: gbp('50.00'), client_request_id: `sdk-${form}-activate` }
      assert.equal((await physical.activate(activation)).code, one?.code)
      const topUp = { ...of(one), face_value: gbp('25.00'), client_request_id: `sdk-${form}-top-up` }
      await physical.topUp(topUp)
      assert.deepEqual(await face(physical.checkBalance({ ...of(one), face_value: { currency: 'GBP' } })), gbp(75))
      await physical.cancelTopUp({
        ...of(one),
        face_value: gbp('25.00'),
        original_client_request_id: topUp.client_request_id,
      })
      await physical.cancelActivation({
        ...of(one),
        face_value: gbp('50.00'),
        original_client_request_id: activation.client_request_id,
      })
      await physical.activate({ ...of(two), face_value: gbp('30.00') })
      assert.deepEqual(await face(physical.cashOut(of(two))), gbp(30))
      const { reference } = await physical.orderCard({
        brand: 'plastic',
        face_value: gbp('40.00'),
        shipping_method: 'standard',
        fulfilment_by: 'rewardcloud',
        fulfilment_parameters: { to_name: 'Ada', address_1: '1 Street', postal_code: 'AB1 2CD', country: 'GB' },
      })
      const references = [reference as string]
      assert.deepEqual(await physical.orderStatus({ references }), { [reference as string]: { status: 'received' } })
      await physical.fulfilOrder({ ...of(three), face_value: gbp('40.00'), reference: reference as string })
      assert.deepEqual(await physical.orderStatus({ references }), {
        [reference as string]: { status: 'fulfilled', code: three?.code },
      })
    })

    const face = async (answer: Promise<object>) => ((await answer) as { face_value: unknown }).face_value

    test('the catalogue and the floats are read, and money is asked for', async () => {
      assert.equal((await tillo.brands({ brand: 'books' })).brands.books?.name, 'Books')
      assert.deepEqual((await tillo.brands({ country: 'ZZ' })).brands, {})
      const { templates } = await tillo.templates({ brand: 'books' })
      const file = await tillo.template({ brand: 'books', version: String(templates.books?.standard) })
      assert.match(file.filename ?? '', /^books-standard-.*\.zip$/)
      assert.deepEqual((await tillo.promotions()).standard, {})
      assert.equal((await tillo.checkStock({ brand: 'fixed-sync-us' }))['fixed-sync-us']?.['500.00'], 'OUT')
      const receipt = await tillo.requestFloatTransfer({ float: 'universal-float', currency: 'GBP', amount: '10.00' })
      const [transfer] = await tillo.floatTransferRequests({ payment_reference: receipt.payment_reference })
      assert.deepEqual([transfer?.status, transfer?.requested.amount], ['pending', '10.00'])
      const { floats } = await tillo.checkFloats({ currency: 'GBP' })
      assert.equal(floats.GBP?.['universal-float']?.pending_payments, 10)
    })

    test('refusals arrive with their code, and with what is wrong', async () => {
      const wrong = tillo.digital.issue({ ...sale('books', 10), sector: 'gambling' as 'other' })
      await assert.rejects(wrong, (error: TilloError) => error instanceof TilloError && error.code === '704')
      const wrongFloat = tillo.requestFloatTransfer({ float: 'none', currency: 'GBP', amount: 1 })
      await assert.rejects(wrongFloat, (error: TilloError) => error.code === '433' && /float/.test(error.message))
    })

    test('every endpoint was called, and has a handler', async () => {
      assert.deepEqual(
        [...paths].sort(),
        Object.values(tilloEndpoints)
          .map(({ method, path }) => `${method} ${path}`)
          .sort(),
      )
      assert.deepEqual(Object.keys(handlers).sort(), Object.keys(tilloEndpoints).sort())
      assert.deepEqual(world.faults, [])
      await world.assertClean()
    })
  })
