import { type GiftRefusal, giftRefusals } from '../../domain/gift-card.ts'
import { readBalance } from '../../ledger/reads.ts'
import type { Brand } from '../../storage/brands.ts'
import type { CardRow } from '../../storage/cards.ts'
import { listFloats, type Partner } from '../../storage/partners.ts'
import type { Context } from './call.ts'
import { refused, TilloProblem } from './errors.ts'
import { describeValues } from './money.ts'

type About = { readonly partner: Partner; readonly brand: Brand; readonly face?: bigint; readonly card?: CardRow }

/** The answer to a refusal, with what can be told about it. */
export async function explainRefusal(context: Context, refusal: GiftRefusal, about: About): Promise<TilloProblem> {
  switch (refusal) {
    case 'value-not-offered':
      return about.face === undefined ? refused(refusal) : refused(refusal, describeValues(about.brand, about.face))
    case 'insufficient-float':
      return (await livesOnCredit(context, about))
        ? new TilloProblem('615', 'The credit of the float does not cover the request')
        : refused(refusal)
    case 'card-used':
      return about.card && (await isHeld(context, about.card))
        ? new TilloProblem('732', 'The card is being redeemed at this moment')
        : refused(refusal)
    default:
      return refused(refusal)
  }
}

async function livesOnCredit({ db }: Context, { partner, brand }: About): Promise<boolean> {
  const floats = await listFloats(db, partner.id)
  const float = floats.find(({ currency, circle }) => currency === brand.asset.code && circle === brand.asset.circle)
  return float !== undefined && (float.lower === null || float.lower < 0n)
}

async function isHeld({ db }: Context, { account_id: account }: CardRow): Promise<boolean> {
  return account !== null && ((await readBalance(db, account))?.held ?? 0n) > 0n
}

/** Why an order that was open has failed. `error` is a refusal, or what the upstream said. */
export function explainFailure(error: string | null): TilloProblem {
  return error !== null && (giftRefusals as readonly string[]).includes(error)
    ? refused(error as GiftRefusal)
    : new TilloProblem('603', 'The card could not be bought from its issuer; the float has its money again', {
        http: 503,
      })
}
