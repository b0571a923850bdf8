import { admin, consoleOf, everyone, type Group } from './group.ts'

/** Of which an installation has few; their lists are pages of a table all the same. */
export const few: Group = {
  name: 'brands, partners and merchants',
  fill: {
    party: `insert into party (id, kind, name, created_at)
    select grown_id(n), case when n % 50 = 0 then 'business' else 'person' end,
      case when n <= 40 then 'Rarely ' when n % 3 = 0 then 'Marta ' else 'Grown ' end || n, grown_at(n) from grown n`,
    account: `insert into account (id, changed_at, asset_id, status, entries, upper)
    select grown_account(n), grown_at(n), case when n <= 40 then (select eur from grown_facts) else (select usd from grown_facts) end,
      case when n % 200000 = 7 then 1 else 0 end, 0, null from grown n`,
    wallet: `insert into wallet (id, namespace, number, currency, opaque_id, party_id, parent_id, opened_at, kept, asset_id)
    select a.id, 'grown', n::text, case when n <= 40 then 'EUR' else 'USD' end, 'grown-' || n, grown_owner(n),
      case when n % 100 = 3 then grown_account(1) end, grown_at(n), n % 1000 = 9, a.asset_id
    from grown n join account a on a.id = grown_account(n)`,
    partner: `insert into partner (id, party_id, slug, live, created_at, disabled_at)
    select grown_id(n), grown_id(n), 'grown-' || n, true, grown_at(n), case when n % 3 = 0 then now() end from grown n`,
    jackpot_account: `insert into jackpot_account (partner_id, asset_id, client_secret_hash, created_at)
    select grown_id(n), f.usd, '', grown_at(n) from grown n, grown_facts f`,
    company: `insert into company (id, uid, party_id, name)
    select grown_id(n), 'cmp_' || grown_id(n), grown_id(n), 'Company ' || n from grown n`,
    merchant: `insert into merchant (id, uid, party_id, company_id, name, wallet_id, created_at)
    select grown_id(n), 'mer_' || grown_id(n), grown_id(n), grown_id(n), case when n <= 40 then 'Rarely ' else 'Grown ' end || n,
      grown_account(n), grown_at(n) from grown n`,
    velocity_rule: `insert into velocity_rule (id, partner_id, subject, period_seconds, max_count, created_at)
    select grown_id(n), grown_id(n), 'partner', 60, 100, grown_at(n) from grown n`,
    brand: `insert into brand (id, slug, name, asset_id, fixed_values, supply, status, settlement_id, revenue_id, breakage_id, created_at)
    select grown_id(n), 'grown-' || lpad(n::text, 8, '0'), case when n <= 40 then 'Rarely ' else 'Grown ' end || n, f.usd, '{2500}',
      case when n <= 40 then 'stock' else 'own' end, case when n > 999960 then 'paused' else 'enabled' end,
      grown_account(n), grown_account(n % 1000 + 1), grown_account(n % 1000 + 1), grown_at(n) from grown n, grown_facts f`,
  },
  lists: ({ facts: { small } }) => [
    consoleOf('', null, '', ['operator', 'big']),
    consoleOf(
      '/brands',
      'name',
      `search=Rarely search=Grown search=nowhere status=paused status=disabled supply=stock supply=upstream search=Rarely&status=paused`,
    ),
    consoleOf('/stock', 'name', 'search=Rarely'),
    consoleOf(
      '/partners',
      'id',
      'slug=big slug=grown-77 slug=nobody state=ended state=live slug=big&state=ended',
      everyone,
    ),
    consoleOf('/velocity', 'id'),
    consoleOf('/merchants', 'id', `name=Big name=Grown name=Rarely name=nobody party=${small}`, everyone),
    consoleOf('/jackpot-accounts', 'id', 'partner=big partner=grown-77 partner=nobody', everyone),
    consoleOf('/statements', 'account', '', ['operator', 'big']),
    consoleOf('/reports'),
    admin('/partners', 'id'),
    admin('/partners/big/credentials', 'id'),
    admin('/brands', 'name'),
    admin('/velocity-rules', 'id'),
    admin('/companies', 'id'),
    admin('/merchants', 'id'),
  ],
}
