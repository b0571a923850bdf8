import { proposedVouchers } from '../../operations/jackpot/proposed-vouchers.ts'
import { offerView, proposalView, storeView } from '../../operations/jackpot/store-view.ts'
import { listStores, type Store } from '../../storage/voucher-offers.ts'
import type { Call, Handle, JackpotDeps } from './call.ts'
import { JackpotProblem } from './errors.ts'
import { single } from './read-body.ts'
import { read, readAmount, schemas } from './schema.ts'

/** `GET /v2/stores`: what the partner's users can choose from, in its currency. */
export const readStores: Handle = async (deps, { who }) => {
  const asset = who.means === 'key' ? who.caller.account.asset : who.session.asset
  const now = deps.gift.clock()
  return (await listStores(deps.db, asset.id)).map((store) => storeView(store, now))
}

/** `GET /v2/stores/proposed-vouchers`: for one amount, of each store. */
export const proposeAcrossStores: Handle<'client'> = (deps, call) => propose(deps, call)

/** `GET /v2/stores/:storeId/proposed-vouchers`: of one store, across its values. */
export const proposeOfStore: Handle<'client'> = async (deps, call) => {
  const { brand } = await requireStore(deps, call)
  return propose(deps, call, brand.id)
}

async function propose(deps: JackpotDeps, { who, query }: Call<'client'>, storeId?: string): Promise<object[]> {
  const { amount: asked, strict } = read(schemas.proposals, single(query))
  const { exponent } = who.session.asset
  const amount = asked === undefined ? who.amount : readAmount('amount', asked, exponent)
  if (amount > who.amount) throw new JackpotProblem('amount_exceeds_session')
  const wish = { amount, strict: strict === 'true', ...(storeId !== undefined && { storeId }) }
  const proposals = await proposedVouchers(deps, who.session, wish)
  return proposals.map(({ store, offer, ...card }) => proposalView(store, offer, card))
}

/** `GET /v2/stores/:storeId/offers/:offerId`: one offer, with what the session can reserve under it. */
export const readOffer: Handle<'client'> = async (deps, call) => {
  const store = await requireStore(deps, call)
  const offer = store.offers.find(({ id }) => id === call.params.offerId)
  if (!offer) throw new JackpotProblem('offer_not_found')
  const wish = { amount: call.who.amount, strict: false, storeId: store.brand.id }
  const proposals = await proposedVouchers(deps, call.who.session, wish)
  return {
    ...offerView(offer),
    storeId: store.brand.id,
    store: storeView(store, deps.gift.clock()),
    proposedVouchers: proposals
      .filter((proposal) => proposal.offer.id === offer.id)
      .map(({ offer: _, store: __, ...card }) => proposalView(store, offer, card)),
  }
}

async function requireStore({ db }: JackpotDeps, { who, params }: Call<'client'>): Promise<Store> {
  const store = (await listStores(db, who.session.asset.id)).find(({ brand }) => brand.id === params.storeId)
  if (!store) throw new JackpotProblem('store_not_found')
  return store
}
