import { uuidV7 } from '../../../src/domain/uuid.ts'
import { createParty } from '../../../src/operations/create-party.ts'
import { createBrand } from '../../../src/operations/gift-cards/create-brand.ts'
import { createPartner, openFloat } from '../../../src/operations/gift-cards/create-partner.ts'
import { makePlasticCards } from '../../../src/operations/gift-cards/plastic-cards.ts'
import { addVelocityRule } from '../../../src/operations/gift-cards/velocity-limits.ts'
import { openWallet } from '../../../src/operations/open-wallet.ts'
import { submitForWallet } from '../../../src/operations/submit-for-wallet.ts'
import { createRandom } from '../random.ts'
import { transferred } from './books.ts'
import type { Family, Scene } from './life.ts'
import { valueActions } from './partners-cards.ts'
import { floatActions } from './partners-float.ts'
import { saleActions } from './partners-sales.ts'
import { type Choose, DAY, GREATEST, LEAST, type PartnerScene, type Subject } from './partners-scene.ts'
import { emptyPartner, type PartnerState, readPartner, showPartner } from './partners-state.ts'
import { createVendor, HAPPENINGS, VENDOR } from './upstream.ts'

/** A partner's float and its requests for money, plastic cards, top-ups, cash-out, an upstream, limits of a day. */
export const partners: Family = {
  name: 'partners',
  async begin(stage): Promise<Scene<never>> {
    const { deps, random, tag } = stage
    const terms = {
      bp: random.pick([0, 500, 333]),
      keeper: random.pick(['partner', 'operator'] as const),
      most: random.pick<PartnerScene['terms']['most']>([
        { partner: [3, 20_000] },
        { partner: [20, 6_000] },
        { partner: [20, 50_000] },
        { partner: [20, 50_000], address: [2, 20_000], card: [20, 1_500] },
        { recipient: [2, 20_000], address: [20, 4_000], card: [1, 20_000] },
        { recipient: [20, 3_500], card: [2, 20_000] },
      ]),
    }
    const [party, person] = await Promise.all([
      createParty(deps, { kind: 'business', name: 'Partner' }),
      createParty(deps, { kind: 'person', name: 'Bank' }),
    ])
    // Floats are asked for in the circle that everybody shares.
    const open = (name: string, partyId: string, lower: string, upper: string | null) =>
      openWallet(deps, 'simulator', { id: `${name}:${tag}:EUR`, partyId, lower, upper })
    const mint = await open('mint', person.id, '-200', '0')
    const shop = await open('shop', party.id, '0', null)
    const brand = (name: 'own' | 'bought') =>
      createBrand(deps, 'simulator', {
        ...{ slug: `${name}-${tag}`, name: 'Meubles', partyId: party.id, currency: 'EUR' },
        values: { type: 'range', min: BigInt(LEAST), max: BigInt(GREATEST), step: name === 'own' ? 1n : 100n },
        ...{ discountBp: terms.bp, discountKeeper: terms.keeper },
        ...(name === 'own' ? { supply: 'own' } : { supply: 'upstream', upstream: VENDOR }),
      })
    const partner = await createPartner(deps, { partyId: party.id, slug: `partner-${tag}` })
    const [own, bought, float] = await Promise.all([
      brand('own'),
      brand('bought'),
      openFloat(deps, 'simulator', partner, { currency: 'EUR' }),
    ])
    for (const [subject, [count, amount]] of Object.entries(terms.most) as [Subject, [number, number]][]) {
      await addVelocityRule(deps, {
        ...{ partner: partner.slug, subject, periodSeconds: DAY / 1000, currency: 'EUR' },
        ...{ maxCount: count, maxAmount: (amount / 100).toFixed(2) },
      })
    }
    const plastic = await deps.db.transaction((sql) =>
      makePlasticCards({ ...deps, db: sql }, 'simulator', { brand: own.slug, count: 3 }),
    )
    const names = new Map(plastic.map(({ code }, i) => [deps.cardHasher.own(code).toString('hex'), `p${i}`]))
    const chance = createRandom(random.int(2 ** 31))
    const vendor = createVendor(() => chance.pick(HAPPENINGS), random.int(4))
    const accounts = new Map<bigint, string>([
      [mint.id, 'mint'],
      [shop.id, 'shop'],
      [float.id, 'float'],
      ...([['own', own] as const, ['bought', bought] as const].flatMap(([name, it]) => [
        [it.settlement, `settlement ${name}`],
        [it.revenue, `revenue ${name}`],
        [it.breakage, `breakage ${name}`],
      ]) as [bigint, string][]),
    ])
    const amount = random.pick([3_000, 12_000, 12_000])
    await submitForWallet(deps.ledger, {
      ...{ principal: 'simulator', transaction: uuidV7(Date.now()), kind: 'funds', payload: '{}' },
      legs: [{ type: 'transfer', source: mint.id, target: float.id, amount: BigInt(amount) }],
    })
    const keys: string[] = []
    let requests = 0
    const scene: PartnerScene = {
      ...{ stage, partner, mint, shop, own, bought, vendor, plastic, terms },
      parties: { mine: party.id, other: person.id },
      pick: random.pick,
      whose: () => ({ address: random.pick(['192.0.2.1', '2001:db8::']) }),
      key() {
        if (keys.length > 0 && random.chance(0.06)) return random.pick(keys)
        keys.push(`k${keys.length + 1}`)
        return keys.at(-1) as string
      },
      request(state) {
        const old = Object.keys(state.requests)
        return old.length > 0 && random.chance(0.06) ? random.pick(old) : `r${++requests}`
      },
    }
    const sales = saleActions(scene)
    const kinds = [...floatActions(scene), ...sales, ...valueActions(scene, sales[0] as Choose)]
    const books = { partner: partner.id, own: own.id, bought: bought.id, vendor, names }
    return {
      start: transferred(emptyPartner(), { source: 'mint', target: 'float', amount }),
      choose: (state: PartnerState) => random.pick(kinds)(state),
      observe: () => readPartner(stage, accounts, books),
      show: showPartner,
      jump: () => stage.advance(random.pick([0.3, 1.2]) * DAY),
    } as Scene<PartnerState> as unknown as Scene<never>
  },
}
