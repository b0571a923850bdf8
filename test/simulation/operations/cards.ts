import { uuidV7 } from '../../../src/domain/uuid.ts'
import { createParty } from '../../../src/operations/create-party.ts'
import { createBrand } from '../../../src/operations/gift-cards/create-brand.ts'
import { createPartner, openFloat } from '../../../src/operations/gift-cards/create-partner.ts'
import { openWallet } from '../../../src/operations/open-wallet.ts'
import { submitForWallet } from '../../../src/operations/submit-for-wallet.ts'
import { transferred } from './books.ts'
import { type CardScene, type Choose, DAY, orderActions } from './cards-orders.ts'
import { type CardState, emptyCards, GREATEST, LIMITS, readCards, showCards } from './cards-state.ts'
import { useActions } from './cards-use.ts'
import type { Family, Scene, Stage } from './life.ts'

/** Gift cards of our own and from stock: ordered, fulfilled, used at a till, cancelled, blocked, expired. */
export const cards: Family = {
  name: 'cards',
  async begin(stage): Promise<Scene<never>> {
    const { deps, random, tag } = stage
    const terms = {
      bp: random.pick([0, 500, 333]),
      keeper: random.pick(['partner', 'operator'] as const),
      days: random.pick([null, 10]),
      cancellable: random.pick([true, true, false]),
    }
    const [party, person] = await Promise.all([
      createParty(deps, { kind: 'business', name: 'Cards' }),
      createParty(deps, { kind: 'person', name: 'Bank' }),
    ])
    const circle = `life-${tag}`
    const open = (id: string, partyId: string, lower: string | null, upper: string) =>
      openWallet(deps, 'simulator', { id, partyId, circle, lower, upper })
    const mint = await open(`mint:${tag}:EUR`, person.id, null, '0')
    const shop = await open(`shop:${tag}:EUR`, party.id, '0', ((LIMITS.shop?.upper as number) / 100).toFixed(2))
    const brand = (supply: 'own' | 'stock') =>
      createBrand(deps, 'simulator', {
        ...{ slug: `${supply}-${tag}`, name: 'Meubles', partyId: party.id, currency: 'EUR', circle, supply },
        values: { type: 'range', min: 100n, max: BigInt(GREATEST), step: 1n },
        ...{
          discountBp: terms.bp,
          discountKeeper: terms.keeper,
          validityDays: terms.days,
          cancellable: terms.cancellable,
        },
      })
    const partner = await createPartner(deps, { partyId: party.id, slug: `partner-${tag}` })
    const [own, stock, float] = await Promise.all([
      brand('own'),
      brand('stock'),
      openFloat(deps, 'simulator', partner, { currency: 'EUR', circle }),
    ])
    const codes = random.int(4)
    await putOnShelf(stage, stock.id, codes)
    const amount = random.pick([3_000, 12_000, 12_000])
    await submitForWallet(deps.ledger, {
      principal: 'simulator',
      transaction: uuidV7(Date.now()),
      kind: 'funds',
      payload: '{}',
      legs: [{ type: 'transfer', source: mint.id, target: float.id, amount: BigInt(amount) }],
    })
    const accounts = new Map([
      [mint.id, 'mint'],
      [shop.id, 'shop'],
      [float.id, 'float'],
      [own.settlement, 'settlement'],
      [own.revenue, 'revenue'],
      [own.breakage, 'breakage'],
      [stock.settlement, 'settlement-stock'],
      [stock.revenue, 'revenue-stock'],
      [stock.breakage, 'breakage-stock'],
    ])
    const keys: string[] = []
    const references = new Map<string, string>()
    const scene: CardScene = {
      ...{ stage, partner, shop, brands: { own, stock }, terms },
      pick: random.pick,
      key() {
        if (keys.length > 0 && random.chance(0.06)) return random.pick(keys)
        keys.push(`k${keys.length + 1}`)
        return keys.at(-1) as string
      },
      reference: (name) => references.get(name) ?? '00000000-0000-7000-8000-000000000000',
      remember(name, reference) {
        const known = references.get(name)
        if (known !== undefined && known !== reference) return 'ok with another reference'
        references.set(name, reference)
        return 'ok'
      },
    }
    const orders = orderActions(scene)
    const order = orders[0] as Choose
    const kinds = [...orders, ...useActions(scene, order)]
    return {
      start: transferred(emptyCards(codes), { source: 'mint', target: 'float', amount }),
      choose: (state: CardState) =>
        (Object.keys(state.cards).length === 0 && random.chance(0.7) ? order : random.pick(kinds))(state),
      observe: () => readCards(stage, accounts, partner.id, stock.id),
      show: showCards,
      jump: () => stage.advance(random.pick([0.3, 5.3, 11.3]) * DAY),
    } as Scene<CardState> as unknown as Scene<never>
  },
}

/** Codes as an upload leaves them. */
export async function putOnShelf({ deps, installation, tag }: Stage, brandId: string, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const code = `${tag}-${i}`
    const hash = deps.cardHasher.ofBrand(brandId, code)
    const sealed = deps.keyring.seal(JSON.stringify({ code, pin: null }), `stock:${hash.toString('hex')}`)
    await installation.db.query(
      `insert into stock_code (brand_id, face, expires_on, import_id, code_hash, code) values ($1, 1000, null, $2, $3, $4)`,
      [brandId, uuidV7(Date.now()), hash, sealed],
    )
  }
}
