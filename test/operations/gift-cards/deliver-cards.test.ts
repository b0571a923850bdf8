import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { hashSecret } from '../../../src/credentials/secrets.ts'
import { uuidV7 } from '../../../src/domain/uuid.ts'
import { createMailer, type Mail, type Mailer, mailContext } from '../../../src/mail/mailer.ts'
import { type DeliverDeps, deliverCards } from '../../../src/operations/gift-cards/deliver-cards.ts'
import { claimCard } from '../../../src/operations/gift-cards/move-card.ts'
import { type PlacedOrder, placeOrder } from '../../../src/operations/gift-cards/place-order.ts'
import { resendOrder } from '../../../src/operations/gift-cards/resend-order.ts'
import type { Brand } from '../../../src/storage/brands.ts'
import { findCardByLink } from '../../../src/storage/card-links.ts'
import { listMails } from '../../../src/storage/mail-outbox.ts'
import { listOrderEvents } from '../../../src/storage/order-listings.ts'
import { createGiftWorld, type GiftWorld } from '../../support/gift-world.ts'

const silent = { error: () => {} }
const log = { error: (fields: object) => assert.fail(JSON.stringify(fields)) }

describe('a gift card that is delivered by mail', () => {
  let world: GiftWorld
  let brand: Brand
  let mailer: Mailer
  let orders = 0
  before(async () => {
    world = await createGiftWorld({ float: '9000.00' })
    brand = await world.brand({
      slug: 'posted',
      name: 'Café <Rio>',
      delivery: ['code', 'email'],
      validityDays: 10,
      texts: { how_to_use: { en: 'Show it at the till.', fr: 'Montrez-la en caisse.' }, terms: 'No change.' },
    })
    const { keyring, clock } = world.deps
    mailer = createMailer({ keyring, clock, origin: 'https://pay.example', mode: 'sandbox', leaves: false })
  })
  after(async () => {
    await world.assertClean()
    await world.stop()
  })

  const deps = (more: Partial<DeliverDeps> = {}): DeliverDeps => ({ ...world.deps, mailer, log, ...more })

  async function order(to: string, more: object = {}, personalisation?: object): Promise<PlacedOrder> {
    const fulfilment_parameters = {
      to_email: to,
      from_name: 'Bo',
      from_email: 'bo@shop.example',
      subject: 'For you',
      ...more,
    }
    const placed = await placeOrder(
      world.deps,
      world.wish(brand, 500n, `mail-${orders++}`, {
        delivery: 'email',
        details: { sector: 'marketplace', fulfilment_parameters, ...(personalisation && { personalisation }) },
      }),
    )
    assert.ok(!('refusal' in placed))
    return placed
  }

  async function mailsTo(to: string): Promise<Mail[]> {
    const rows = await listMails(world.db, 1_000)
    const mails = rows.map(({ id, sealed }) => JSON.parse(world.deps.keyring.open(sealed, mailContext(id))) as Mail)
    return mails.filter((mail) => mail.to === to)
  }

  const delivered = async ({ order: { id } }: PlacedOrder) =>
    (await listOrderEvents(world.db, id)).filter(({ what }) => what === 'delivered').length

  test('is a link to its page in the recipient’s language, with the sender’s words and the brand’s, and without its code', async () => {
    const message = 'Bon anniversaire !\nÀ bientôt <b>& merci</b>\u0000'
    const placed = await order(
      'ana@mail.example',
      { to_name: 'Ana', subject: 'Pour toi' },
      { message, language: 'fr-FR' },
    )
    assert.equal(await deliverCards(deps()), 1)
    const [mail, ...more] = await mailsTo('ana@mail.example')
    assert.ok(mail && more.length === 0)
    assert.equal(mail.subject, 'Pour toi')
    assert.match(mail.text, /^Bonjour Ana,\n\nBo vous envoie une carte cadeau : Café <Rio>, 5,00\u00a0EUR\.\n/)
    assert.match(mail.text, /\n> Bon anniversaire !\n> À bientôt <b>& merci<\/b>\n/)
    assert.match(mail.text, /Montrez-la en caisse\.[\s\S]*No change\./)
    assert.match(mail.html, /Café &lt;Rio&gt;/)
    assert.match(mail.html, /À bientôt &lt;b&gt;&amp; merci&lt;\/b&gt;/)
    const { code, pin } = placed.card?.secrets ?? assert.fail()
    for (const form of [mail.text, mail.html, mail.subject])
      assert.ok(!form.includes(code) && !form.includes(`${pin} `))
    const link = /https:\/\/pay\.example\/cards\/([\w-]+)/.exec(mail.text)?.[1] ?? assert.fail(mail.text)
    assert.equal((await findCardByLink(world.db, hashSecret(link)))?.id, placed.card?.row.id)
    assert.equal(await delivered(placed), 1)
    assert.equal(await deliverCards(deps()), 0)
  })

  test('greets whoever it is where no name is known, in English where no language of ours is asked for', async () => {
    await order('noname@mail.example', { language: 'de' })
    await deliverCards(deps())
    assert.match((await mailsTo('noname@mail.example'))[0]?.text ?? '', /^Hello,\n\nBo sends you a gift card/)
  })

  test('is mailed once by 16 workers at once', async () => {
    const placed = await Promise.all(Array.from({ length: 24 }, (_, i) => order(`crowd-${i}@mail.example`)))
    const written = await Promise.all(Array.from({ length: 16 }, () => deliverCards(deps())))
    assert.equal(
      written.reduce((sum, count) => sum + count),
      24,
    )
    for (let i = 0; i < placed.length; i++) {
      assert.equal((await mailsTo(`crowd-${i}@mail.example`)).length, 1)
      assert.equal(await delivered(placed[i] as PlacedOrder), 1)
    }
  })

  test('is not lost and not doubled by workers that die between the mail, its event and the commit', async () => {
    const placed = await order('phoenix@mail.example')
    let deaths = 0
    const dying: Mailer = {
      ...mailer,
      async write(sql, mail) {
        const id = await mailer.write(sql, mail)
        deaths++
        await sql.query('select pg_terminate_backend(pg_backend_pid())')
        return id
      },
    }
    for (let i = 0; i < 3; i++) assert.equal(await deliverCards(deps({ mailer: dying, log: silent })), 0)
    assert.equal(deaths, 3)
    assert.deepEqual([await delivered(placed), (await mailsTo('phoenix@mail.example')).length], [0, 0])
    await Promise.all(
      Array.from({ length: 16 }, (_, i) => deliverCards(deps(i % 2 ? { mailer: dying, log: silent } : {}))),
    )
    await deliverCards(deps())
    assert.deepEqual([await delivered(placed), (await mailsTo('phoenix@mail.example')).length], [1, 1])
  })

  test('does not wait for one that cannot be written', async () => {
    const broken = await order('broken@mail.example')
    await world.db.query(`update gift_order set details = '\\x00' where id = $1`, [broken.order.id])
    const fine = await order('fine@mail.example')
    const heard: object[] = []
    assert.equal(await deliverCards(deps({ log: { error: (fields) => heard.push(fields) } })), 1)
    assert.equal(heard.length, 1)
    assert.deepEqual([await delivered(broken), await delivered(fine)], [0, 1])
    await world.db.query('update gift_order set mailed = true where id = $1', [broken.order.id])
  })

  test('waits while it is blocked, and is not sent when it has ended or somebody keeps it', async () => {
    const to = 'late@mail.example'
    const [blocked, ended, kept] = [await order(to), await order(to), await order(to)]
    const status = (placed: PlacedOrder, value: string) =>
      world.db.query('update card set status = $2 where id = $1', [placed.card?.row.id, value])
    await status(blocked, 'blocked')
    await status(ended, 'ended')
    const row = kept.card?.row ?? assert.fail()
    assert.ok(await claimCard(world.deps, { ...row, link_version: 0 }, world.party.id))
    assert.equal(await deliverCards(deps()), 0)
    await status(blocked, 'active')
    await status(ended, 'active')
    assert.equal(await deliverCards(deps()), 1)
    assert.deepEqual([await delivered(blocked), await delivered(ended), await delivered(kept)], [1, 0, 0])
  })

  test('is mailed again when an operator asks for it, once for each time, and not once somebody keeps it', async () => {
    const placed = await order('again@mail.example')
    await assert.rejects(resendOrder(world.deps, 'operator:1', placed.order.id), /still to be sent/)
    await deliverCards(deps())
    await resendOrder(world.deps, 'operator:1', placed.order.id)
    assert.equal(
      (await Promise.all([deliverCards(deps()), deliverCards(deps())])).reduce((a, b) => a + b),
      1,
    )
    assert.equal((await mailsTo('again@mail.example')).length, 2)
    const row = placed.card?.row ?? assert.fail()
    assert.ok(await claimCard(world.deps, { ...row, link_version: 0 }, world.party.id))
    await assert.rejects(resendOrder(world.deps, 'operator:1', placed.order.id), /somebody has kept the card/)
  })

  test('is found by an index that holds nothing but what is due', async () => {
    await world.db.query(
      `insert into gift_order (id, protocol, request_id, brand_id, asset_id, face, cost, discount_bp, delivery, status, mailed,
         transaction_id, created_at, ended_at)
       select gen_random_uuid(), 'tillo', n::text, $1, $2, 500, 500, 0, 'email', 'succeeded', true, $3, now(), now()
       from generate_series(1, 5000) n`,
      [brand.id, brand.asset.id, uuidV7(Date.now())],
    )
    await world.db.query('analyze gift_order')
    const plan = await world.db.query<{ 'QUERY PLAN': string }>(
      `explain select o.id from gift_order o where o.delivery = 'email' and o.status = 'succeeded' and not o.mailed order by o.id limit 50`,
    )
    assert.match(plan.map((line) => line['QUERY PLAN']).join('\n'), /gift_order_mail_due/)
    await world.db.query(`delete from gift_order where request_id ~ '^\\d+$'`)
  })
})
