import type { IncomingMessage } from 'node:http'
import { formatMoney } from '../../domain/format.ts'
import type { ApiCall } from '../../operations/calls/call-log.ts'
import { openDetails } from '../../operations/purchases/purchase-details.ts'
import type { PledgDeps } from './call.ts'
import { invalid } from './errors.ts'
import { checkoutUrl, makePurchase } from './make-purchase.ts'
import { openSignature } from './open-signature.ts'
import { read, readQuery } from './read-request.ts'
import { readings } from './readings.ts'
import { renderPurchase } from './render.ts'
import { linkSettings } from './schema.ts'
import { readWish } from './wish.ts'

/**
 * `POST /api/purchase_link/?signature=`: a link to hand to a person, or to mail. The whole request is in the signature; a body is not
 * looked at.
 */
export async function createLink(deps: PledgDeps, req: IncomingMessage, call: ApiCall): Promise<object> {
  const { merchant, data, settings } = await openSignature(deps, readQuery(req).get('signature'), call)
  const wish = readWish(deps, merchant, data, true)
  const { send_email: mailed = false, email } = read(linkSettings, settings ?? {})
  if (mailed && !deps.mailer.enabled)
    throw invalid('purchase_link_settings.send_email', 'cannot be true: this server sends no mails')
  const { purchase, link } = await makePurchase(deps, merchant, wish, 'link')
  const url = checkoutUrl(deps, link)
  if (mailed) {
    const details = openDetails(deps.keyring, purchase)
    const language = details.language === 'fr' ? 'fr' : 'en'
    await deps.mailer.write(deps.db, {
      to: (email ?? details.email ?? '').toLowerCase(),
      language,
      template: 'purchase-link',
      values: {
        name: details.firstName ?? '',
        merchant: merchant.name,
        title: purchase.title,
        amount: formatMoney(purchase.amount, merchant.wallet.asset, language),
        link: url,
      },
      expiresAt: purchase.expiresAt,
    })
  }
  const { uid, reference, amount_cents, currency, expires_at } = renderPurchase(merchant, purchase)
  return { uid, url, state: readings.linkState, reference, amount_cents, currency, expires_at }
}

/** `POST /api/payment_by_transfer?signature=`: the merchant is paid by transfer; a person still confirms it, at `url`. */
export async function createTransfer(deps: PledgDeps, req: IncomingMessage, call: ApiCall): Promise<object> {
  const { merchant, data } = await openSignature(deps, readQuery(req).get('signature'), call)
  const wish = readWish(deps, merchant, data, true)
  const { purchase, link } = await makePurchase(deps, merchant, wish, 'transfer')
  return { ...renderPurchase(merchant, purchase), url: checkoutUrl(deps, link) }
}
