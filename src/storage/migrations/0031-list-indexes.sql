-- one by one
-- Indexes of lists that people search, of tables that people write: none is of a payment, a card or an order.

-- What was done, by one person or in one business.
create index concurrently if not exists console_act_what on console_act (act, id desc);
create index concurrently if not exists console_act_party_what on console_act (party_id, act, id desc);
create index concurrently if not exists console_act_email_what on console_act (email, act, id desc);
create index concurrently if not exists console_act_email on console_act (email, id desc);

create index concurrently if not exists float_request_reference on float_request (reference, id desc);
create index concurrently if not exists float_request_partner_status on float_request (partner_id, status, id desc);
create index concurrently if not exists float_request_asset on float_request (asset_id, id desc);

create index concurrently if not exists brand_status on brand (status, slug);
create index concurrently if not exists brand_supply on brand (supply, slug);

-- Names as they are searched by; of a business's own, beside the business.
create index concurrently if not exists partner_slug on partner (slug text_pattern_ops, id);
create index concurrently if not exists partner_of_party on partner (party_id, id);
create index concurrently if not exists client_party_name on client (party_id, lower(name) text_pattern_ops, id);
create index concurrently if not exists merchant_party_name on merchant (party_id, lower(name) text_pattern_ops, id);

-- Invoices that wait, newest first, of parties with thousands of wallets; one that was settled is in it no more.
create index concurrently if not exists invoice_waiting on invoice (id desc) where status = 0;
