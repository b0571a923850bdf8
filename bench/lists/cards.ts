import { admin, consoleOf, everyone, type Group, midst } from './group.ts'

/** What is sold by brands to partners. A failed order is one of the oldest; of the brand that few buy none failed. */
export const cards: Group = {
  name: 'orders and cards',
  fill: {
    gift_order: `insert into gift_order (id, partner_id, protocol, request_id, brand_id, asset_id, face, cost, discount_bp, delivery, status,
      error, float_after, transaction_id, created_at, ended_at, mailed)
    select grown_id(n), case when n <= 40 then f.small_partner when n % 10 = 0 then null else f.partner end, 'walleo', 'request-' || n,
      case when n % 100 = 1 then f.small_brand else f.brand end, f.usd, 2500, 2400, 400, 'code',
      case when n <= 40 and n % 2 = 0 then 'failed' when n % 200 = 3 then 'cancelled' else 'succeeded' end,
      case when n <= 40 and n % 2 = 0 then 'out of stock' end, 0, grown_id(n), grown_at(n), grown_at(n), true from grown n, grown_facts f`,
    partner_request: `insert into partner_request (partner_id, scope, request_id, operation, content, order_id, transaction_id, at)
    select f.partner, 'walleo', 'request-' || n, 'buy', '', grown_id(n), grown_id(n), grown_at(n) from grown n, grown_facts f`,
    card_account: `insert into account (id, changed_at, asset_id, balance, upper)
    select grown_account(n) + 100000000, grown_at(n), f.usd, case when n % 3 = 0 then 0 else 2500 end, 100000 from grown n, grown_facts f`,
    card: `insert into card (id, order_id, brand_id, asset_id, face, account_id, code_hash, code, tail, link_hash, link, wallet_party_id, status,
      issued_at, expires_at)
    select grown_id(n), grown_id(n), case when n % 100 = 1 then f.small_brand else f.brand end, f.usd, 2500, grown_account(n) + 100000000,
      int8send(n), '', lpad((n % 9000)::text, 4, '0'), int8send(n), '', case when n % 5 = 0 then grown_id(n) end,
      case when n <= 40 then 'blocked' when n % 3 = 0 then 'ended' else 'active' end, grown_at(n), now() + interval '1 year'
    from grown n, grown_facts f`,
    card_end: `insert into card_end (card_id, how, amount, transaction_id, at)
    select grown_id(n), 'expired', 2500, grown_id(n), grown_at(n) from grown n where n % 3 = 0 and n > 40`,
    card_event: `insert into card_event (id, card_id, what, principal, at)
    select grown_id(n), grown_id(n), 'shown', 'person:nobody', grown_at(n) from grown n`,
    card_redemption: `insert into card_redemption (id, card_id, wallet_id, party_id, amount, balance, principal, at)
    select grown_id(n), grown_id(n), grown_account(101), grown_owner(n), 500, 2000, 'api-key:x', grown_at(n) from grown n`,
    plastic_card: `insert into plastic_card (id, brand_id, code_hash, code, principal, created_at)
    select grown_id(n), f.brand, int8send(n), '', 'api-key:x', grown_at(n) from grown n, grown_facts f`,
    stock_code: `insert into stock_code (brand_id, face, import_id, code_hash, code)
    select f.stock_brand, 2500, grown_id(1), int8send(n), '' from grown n, grown_facts f`,
    stock_import: `insert into stock_import (id, brand_id, name, added, refused, principal, at, ended_at)
    select grown_id(n), f.stock_brand, 'codes.csv', 1, 0, 'operator:x', grown_at(n), grown_at(n) from grown n, grown_facts f`,
    stock_import_refusal: `insert into stock_import_refusal (import_id, line, reason)
    select grown_id(1), n, 'malformed' from grown n`,
    stock_notice: `insert into stock_notice (brand_id, face, remaining, low_stock, at)
    select f.stock_brand, 2500, 1, 10, grown_at(n) from grown n, grown_facts f`,
    float_request: `insert into float_request (id, partner_id, asset_id, reference, amount, status, created_at, decided_at)
    select grown_id(n), case when n <= 40 then f.small_partner else f.partner end, f.usd, 'ref-' || n, 1000,
      case when n <= 40 then 'pending' else 'removed' end, grown_at(n), grown_at(n) from grown n, grown_facts f`,
    voucher: `insert into voucher (id, partner_id, session_id, offer_id, notification_key, coupon_id, state, automatic, hold_id, reserved_at,
      expires_at, confirmed_at)
    select grown_id(n), case when n <= 40 then f.small_partner else f.partner end, grown_id(n), grown_id(n), n::text,
      translate(lpad(n::text, 10, '0'), '0123456789', 'ABCDEFGHIJ'), 'refunded', true, grown_id(n), grown_at(n), grown_at(n), grown_at(n)
    from grown n, grown_facts f`,
  },
  lists: ({ id, facts }) => [
    consoleOf('', null, `asset=${facts.usd}`, everyone),
    consoleOf(
      '/orders',
      'id',
      `partner=big partner=small brand=${facts.brand_slug} brand=${facts.small_brand_slug} status=failed status=succeeded status=cancelled
        status=processing status=reserved request=request-77 from=${midst()} to=${midst()} partner=small&status=failed
        partner=big&status=failed brand=${facts.small_brand_slug}&status=failed brand=${facts.small_brand_slug}&status=cancelled
        partner=big&brand=${facts.small_brand_slug}&status=failed from=${midst()}&status=failed`,
      everyone,
    ),
    consoleOf(`/orders/${id(1)}`),
    consoleOf('/cards', 'id', 'tail=0077 status=blocked status=ended status=active tail=0077&status=blocked tail=nope'),
    consoleOf(`/cards/${id(1)}`),
    consoleOf(`/brands/${facts.brand}`),
    consoleOf('/stock', 'name'),
    consoleOf(`/brands/${facts.stock_brand}/stock`),
    consoleOf(`/stock/${id(1)}/report`, 'number'),
    consoleOf(`/partners/${facts.partner}`, null, '', ['operator', 'big']),
    consoleOf(
      '/float-requests',
      'id',
      `reference=ref-77 partner=small partner=big status=pending status=removed status=approved partner=big&status=pending
        partner=small&status=removed`,
      everyone,
    ),
    consoleOf('/reports'),
    consoleOf('/reports/sales', null, `brand=${facts.brand_slug} from=${midst()} from=2020-01-01`),
    admin(
      '/float-requests',
      'id',
      'partner=small partner=big currency=EUR status=pending partner=big&status=pending status=approved',
    ),
    admin('/partners/big/vouchers', 'id'),
    admin('/partners/small/vouchers', 'id'),
    admin(`/brands/${facts.stock_brand_slug}/stock`),
    admin(`/brands/${facts.stock_brand_slug}/stock/imports`, 'id'),
    admin(`/brands/${facts.stock_brand_slug}/stock/imports/${id(1)}/refusals`, 'number'),
    admin('/stock-notices', 'number', `brand=${facts.stock_brand_slug}`),
    admin(`/brands/${facts.brand_slug}/plastic-cards`, 'id'),
    admin(
      '/orders',
      'id',
      `partner=small brand=${facts.small_brand_slug} status=failed request_id=request-77 from=${midst()}T00:00:00Z to=${midst()}T00:00:00Z
        from=${midst()}T00:00:00Z&status=failed partner=big&status=failed brand=${facts.small_brand_slug}&status=failed`,
    ),
    admin('/card-redemptions', 'id'),
    admin('/reports/liability'),
    admin('/reports/breakage'),
  ],
}
