import { uuidV7 } from '../../../src/domain/uuid.ts'
import { createParty } from '../../../src/operations/create-party.ts'
import { createBrand } from '../../../src/operations/gift-cards/create-brand.ts'
import { createPartner, openFloat } from '../../../src/operations/gift-cards/create-partner.ts'
import { createJackpotAccount } from '../../../src/operations/jackpot/jackpot-account.ts'
import { createOffer } from '../../../src/operations/jackpot/offers.ts'
import { openWallet } from '../../../src/operations/open-wallet.ts'
import { submitForWallet } from '../../../src/operations/submit-for-wallet.ts'
import { createRandom } from '../random.ts'
import { type Move, transferred } from './books.ts'
import { putOnShelf } from './cards.ts'
import type { Family, Scene } from './life.ts'
import { createVendor, HAPPENINGS, VENDOR } from './upstream.ts'
import { refundActions } from './vouchers-refunds.ts'
import { reserveActions } from './vouchers-reserve.ts'
import { type Choose, GREATEST, LEAST, type Store, type VoucherScene } from './vouchers-scene.ts'
import {
  BRANDS,
  type BrandName,
  emptyVouchers,
  readVouchers,
  showVouchers,
  type VoucherState,
} from './vouchers-state.ts'
import { stepActions } from './vouchers-steps.ts'
import { uploadAction } from './vouchers-uploads.ts'

/** Vouchers (Jackpot): sessions, reservations, confirmation, supply, refunds; on an upstream's cards, and on codes that are uploaded. */
export const vouchers: Family = {
  name: 'vouchers',
  async begin(stage): Promise<Scene<never>> {
    const { deps, random, tag } = stage
    const circle = `life-${tag}`
    const terms = { cancellable: random.pick([true, true, false]), automatic: random.pick([true, false]) }
    const [party, person] = await Promise.all([
      createParty(deps, { kind: 'business', name: 'Vouchers' }),
      createParty(deps, { kind: 'person', name: 'Bank' }),
    ])
    const open = (name: string, partyId: string, lower: string | null, upper: string | null) =>
      openWallet(deps, 'simulator', { id: `${name}:${tag}:EUR`, partyId, circle, lower, upper })
    const mint = await open('mint', person.id, null, '0')
    const shop = await open('shop', party.id, '0', null)
    const partner = await createPartner(deps, { partyId: party.id, slug: `partner-${tag}` })
    const float = await openFloat(deps, 'simulator', partner, { currency: 'EUR', circle })
    const { account, credentialId } = await createJackpotAccount(
      { ...deps, config: { mode: 'sandbox' } },
      {
        ...{ partner: partner.slug, currency: 'EUR', circle, notificationUrl: 'http://127.0.0.1:9/notices' },
        confirmation: terms.automatic ? 'automatic' : 'manual',
      },
    )
    const stores = {} as Record<BrandName, Store>
    for (const name of BRANDS) {
      const step = name === 'bought' ? 100 : 1
      const slug = `${name}-${tag}`
      const supply = name === 'later' ? 'own' : name === 'bought' ? 'upstream' : name
      const brand = await createBrand(deps, 'simulator', {
        ...{ slug, name: 'Meubles', partyId: party.id, currency: 'EUR', circle, supply, codes: { jackpot: slug } },
        values: { type: 'range', min: BigInt(LEAST), max: BigInt(GREATEST), step: BigInt(step) },
        ...{ discountBp: random.pick([0, 500, 1_000]), cancellable: terms.cancellable, asynchronous: name === 'later' },
        ...(supply === 'upstream' && { upstream: VENDOR }),
      })
      const offer = await createOffer(deps, {
        brand: slug,
        kind: random.pick(['bonus', 'discount'] as const),
        rate: random.pick(['10', '4', '7.5']),
        rounding: random.pick(['minor', 'minor', 'whole'] as const),
        funder: random.pick(['brand', 'operator', 'operator'] as const),
      })
      stores[name] = { brand, offer, step }
    }
    const codes = random.int(4)
    await putOnShelf(stage, stores.stock.brand.id, codes)
    const chance = createRandom(random.int(2 ** 31))
    const vendor = createVendor(() => chance.pick(HAPPENINGS), random.int(4))
    const accounts = new Map<bigint, string>([
      [mint.id, 'mint'],
      [shop.id, 'shop'],
      [float.id, 'float'],
      ...BRANDS.flatMap((name): [bigint, string][] => {
        const { settlement, revenue, breakage } = stores[name].brand
        return [
          [settlement, `settlement ${name}`],
          [revenue, `revenue ${name}`],
          [breakage, `breakage ${name}`],
        ]
      }),
    ])
    const ids = new Map([...accounts].map(([id, name]) => [name, id]))
    const funds: Move[] = [
      { source: 'mint', target: 'float', amount: random.pick([2_000, 8_000, 20_000]) },
      ...BRANDS.map((name) => ({ source: 'mint', target: `revenue ${name}`, amount: random.pick([50, 200, 1_000]) })),
    ]
    await submitForWallet(deps.ledger, {
      ...{ principal: 'simulator', transaction: uuidV7(Date.now()), kind: 'funds', payload: '{}' },
      legs: funds.map(({ source, target, amount }) => ({
        ...{ type: 'transfer', source: ids.get(source) as bigint, target: ids.get(target) as bigint },
        amount: BigInt(amount),
      })),
    })
    const keys: string[] = []
    const scene: VoucherScene = {
      ...{ stage, partner, shop, stores, vendor, terms, tokens: new Map() },
      caller: { partner, credentialId, account },
      pick: random.pick,
      key() {
        if (keys.length > 0 && random.chance(0.06)) return random.pick(keys)
        keys.push(`k${keys.length + 1}`)
        return keys.at(-1) as string
      },
    }
    const reserving = reserveActions(scene)
    const [begin, reserve] = reserving as [Choose, Choose]
    const kinds = [...reserving, ...stepActions(scene, reserve), ...refundActions(scene, reserve)]
    const books = { partner: partner.id, stock: stores.stock.brand.id, bought: stores.bought.brand.id, vendor }
    return {
      start: funds.reduce(transferred, emptyVouchers(codes)),
      choose(state: VoucherState) {
        if (random.chance(0.08)) return uploadAction(scene, state)
        if (Object.keys(state.sessions).length === 0) return begin(state)
        return (Object.keys(state.vouchers).length === 0 && random.chance(0.7) ? reserve : random.pick(kinds))(state)
      },
      observe: () => readVouchers(stage, accounts, books),
      show: showVouchers,
      jump: () => stage.advance(random.pick([0.7, 0.7, 49.3]) * 3_600_000),
    } as Scene<VoucherState> as unknown as Scene<never>
  },
}
