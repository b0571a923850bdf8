import { type CardSecrets, makeCardCode, makeCardLink, makePin } from '../../credentials/card-codes.ts'
import { priceOf } from '../../domain/gift-card.ts'
import type { Leg } from '../../domain/posting.ts'
import { uuidV7 } from '../../domain/uuid.ts'
import type { Command, Decided } from '../../ledger/command.ts'
import type { Brand } from '../../storage/brands.ts'
import { type CardRow, cardIssued } from '../../storage/cards.ts'
import { type StockCode, stockSold } from '../../storage/stock.ts'
import { bytea, type GiftDeps, isoTime } from './gift-deps.ts'

/** A card that is ready to be issued with the command that pays for it. */
export type PreparedCard = {
  readonly id: string
  readonly secrets: CardSecrets
  /** the secret in the address of its page */
  readonly link: string
  /** after the legs that bring the cost to the brand's settlement account */
  readonly legs: Leg[]
  readonly effects: NonNullable<Command['effects']>
  /** the row as it will stand; @param at ms since the epoch, of the commit */
  row(at: number): CardRow
}

const DAY = 86_400_000

/**
 * A card that Billfold issues itself: its value is moved from the brand's settlement account to an account of its own.
 * @param input.secrets of a card that was printed before; a second card with that code is refused
 */
export async function prepareOwnCard(
  deps: GiftDeps,
  {
    brand,
    face,
    orderId,
    revenue,
    secrets = { code: makeCardCode(), pin: makePin() },
  }: { brand: Brand; face: bigint; orderId: string | null; revenue?: bigint | undefined; secrets?: CardSecrets },
): Promise<PreparedCard> {
  const account = await deps.lookUps.accountId()
  const codeHash = deps.cardHasher.own(secrets.code)
  const card = prepare(deps, { brand, face, orderId, revenue, account, secrets, codeHash })
  return {
    ...card,
    legs: [
      { type: 'open-account', account, assetId: brand.asset.id, lower: 0n, upper: null },
      { type: 'transfer', source: brand.settlement, target: account, amount: face },
      ...card.legs,
    ],
  }
}

/** A code from stock; selling it is part of the effects. */
export function prepareStockCard(
  deps: GiftDeps,
  { stock, ...input }: { brand: Brand; face: bigint; orderId: string; revenue?: bigint | undefined; stock: StockCode },
): PreparedCard {
  const secrets = JSON.parse(deps.keyring.open(stock.code, `stock:${stock.code_hash.toString('hex')}`)) as CardSecrets
  // Until the end of the day that the vendor gave.
  const expiresAt = stock.expires_on === null ? undefined : stock.expires_on.getTime() + DAY - 1
  const card = prepare(deps, { ...input, account: null, secrets, codeHash: stock.code_hash, expiresAt })
  return { ...card, effects: [{ effect: stockSold, row: [String(stock.id), input.orderId] }, ...card.effects] }
}

/** A card that was bought elsewhere. */
export function prepareBoughtCard(
  deps: GiftDeps,
  input: {
    brand: Brand
    face: bigint
    orderId: string
    revenue?: bigint | undefined
    secrets: CardSecrets
    expiresAt?: number | undefined
  },
): PreparedCard {
  const codeHash = deps.cardHasher.ofBrand(input.brand.id, input.secrets.code || (input.secrets.url ?? ''))
  return prepare(deps, { ...input, account: null, codeHash })
}

type Issue = {
  brand: Brand
  face: bigint
  orderId: string | null
  /** what stays with the operator, when it does not follow from the brand's discount; what the operator adds is no part of this */
  revenue?: bigint | undefined
  account: bigint | null
  secrets: CardSecrets
  codeHash: Buffer
  /** ms since the epoch; as the brand says when absent */
  expiresAt?: number | undefined
}

function prepare(
  deps: GiftDeps,
  { brand, face, orderId, revenue: kept, account, secrets, codeHash, expiresAt }: Issue,
): PreparedCard {
  const id = uuidV7(deps.clock())
  const { link, hash } = makeCardLink()
  const sealed = deps.keyring.seal(JSON.stringify(secrets), `card:${id}:secrets`)
  const sealedLink = deps.keyring.seal(link, `card:${id}:link`)
  const revenue = kept ?? priceOf(face, brand.discountBp, brand.discountKeeper).revenue
  const expiry = (at: number): number | null =>
    expiresAt ?? (brand.validityDays === null ? null : at + brand.validityDays * DAY)
  const row = (at: number): CardRow => ({
    id,
    order_id: orderId,
    brand_id: brand.id,
    asset_id: brand.asset.id,
    face,
    account_id: account,
    code_hash: codeHash,
    code: sealed,
    tail: (secrets.code || (secrets.url ?? '')).slice(-4),
    link_hash: hash,
    link: sealedLink,
    wallet_party_id: null,
    status: 'active',
    issued_at: new Date(at),
    expires_at: expiry(at) === null ? null : new Date(expiry(at) as number),
  })
  const values = ({ at }: Decided) => {
    const it = row(at)
    return [
      id,
      orderId,
      brand.id,
      String(brand.asset.id),
      String(face),
      account === null ? null : String(account),
      bytea(codeHash),
      bytea(sealed),
      it.tail,
      bytea(hash),
      bytea(sealedLink),
      isoTime(at),
      it.expires_at?.toISOString() ?? null,
    ]
  }
  const legs: Leg[] =
    revenue > 0n ? [{ type: 'transfer', source: brand.settlement, target: brand.revenue, amount: revenue }] : []
  return { id, secrets, link, legs, effects: [{ effect: cardIssued, row: values }], row }
}
