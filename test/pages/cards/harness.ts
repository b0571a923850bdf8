import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createParty } from '../../../src/operations/create-party.ts'
import { createSignIn } from '../../../src/operations/create-sign-in.ts'
import { type CreateBrandInput, createBrand } from '../../../src/operations/gift-cards/create-brand.ts'
import { placeOrder } from '../../../src/operations/gift-cards/place-order.ts'
import { type Brand, findBrand } from '../../../src/storage/brands.ts'
import { insertBrandMerchant } from '../../../src/storage/card-use.ts'
import { findPartner } from '../../../src/storage/partners.ts'
import { createVisitor, type Visitor } from '../visitor.ts'
import { startWalletPages } from '../wallet/harness.ts'

export const PASSWORD = 'correct horse battery'

/** A whole server with the sandbox in it, which sells cards, and a business with a till. */
export async function startCardPages() {
  const pages = await startWalletPages()
  const { assembly, db, url } = pages
  const gift = assembly.gift
  const shop = await createParty(assembly, { kind: 'business', name: 'Corner Shop' })
  const email = 'till@shop.example'
  await createSignIn(assembly, { partyId: shop.id, email, password: PASSWORD })
  const wallet = 'shop:corner-shop:EUR'
  await pages.open(shop.id, { id: wallet })
  let orders = 0

  async function brandOf(slug: string): Promise<Brand> {
    const brand = await findBrand(db, { slug })
    assert.ok(brand, slug)
    return brand
  }

  return {
    ...pages,
    gift,
    shop,
    wallet,
    email,
    brandOf,
    brand: (input: Partial<CreateBrandInput> & { slug: string }) =>
      createBrand(assembly, 'test', {
        name: 'Meubles & Cie',
        partyId: shop.id,
        currency: 'EUR',
        values: { type: 'range', min: 500n, max: 50_000n, step: 500n },
        supply: 'own',
        ...input,
      }),
    accept: async (slug: string) => insertBrandMerchant(db, (await brandOf(slug)).id, shop.id),

    /** A card that was just sold. @param face minor units */
    async sell(slug: string, face = 5000n) {
      const partner = await findPartner(db, { slug: 'sandbox' })
      assert.ok(partner)
      const result = await placeOrder(gift, {
        partner,
        protocol: 'tillo',
        scope: 'tillo',
        requestId: `pages-${orders++}-${randomBytes(4).toString('hex')}`,
        operation: 'digital-issue',
        content: slug,
        brand: await brandOf(slug),
        face,
        delivery: 'code',
        later: false,
      })
      assert.ok('card' in result && result.card, 'the card is sold')
      const { row, secrets } = result.card
      return { ...secrets, id: row.id, link: assembly.keyring.open(row.link, `card:${row.id}:link`), tail: row.tail }
    },
    async events(cardId: string): Promise<string[]> {
      const rows = await db.query<{ what: string; principal: string }>(
        'select what, principal from card_event where card_id = $1 order by id',
        [cardId],
      )
      return rows.map(({ what, principal }) => `${what} ${principal.replace(/:.*/, '')}`)
    },
    /** The business at its till. */
    async merchant(headers: Record<string, string> = {}): Promise<Visitor> {
      const visitor = createVisitor(url, headers)
      const answer = await visitor.submit('/sign-in', { email, password: PASSWORD })
      assert.equal(answer.status, 303, answer.text)
      return visitor
    },
  }
}

export type CardPages = Awaited<ReturnType<typeof startCardPages>>
