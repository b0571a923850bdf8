-- one by one
-- What would hold up everyone who writes if it were part of the versions that asked for it: indexes of tables that are old by then,
-- values for every row, checks of every row. Nothing here has a lock for long that others
-- want. A statement begins at the margin, and may run again after a crash.

-- By now every order that was delivered has had its mail, and every wallet says its asset beside its account.
do $$
  declare
    done uuid := '00000000-0000-0000-0000-000000000000';
    upto uuid;
  begin
    loop
      select id into upto from gift_order where id > done order by id offset 999 limit 1;
      update gift_order set mailed = true where id > done and (upto is null or id <= upto) and not mailed
        and id in (select order_id from order_event
          where order_id > done and (upto is null or order_id <= upto) and what = 'delivered');
      exit when upto is null;
      done := upto;
      commit;
    end loop;
  end $$;

do $$
  declare
    done bigint := -1;
    upto bigint;
  begin
    loop
      select id into upto from wallet where id > done order by id offset 999 limit 1;
      update wallet w set asset_id = a.asset_id from account a
        where a.id = w.id and w.id > done and (upto is null or w.id <= upto) and w.asset_id is null;
      exit when upto is null;
      done := upto;
      commit;
    end loop;
  end $$;

alter table gift_order validate constraint gift_order_loads_card;
alter table gift_order validate constraint gift_order_card_within;
alter table gift_order validate constraint gift_order_status_check;
alter table gift_order validate constraint gift_order_ends;
alter table gift_order validate constraint gift_order_kind_check;
alter table velocity_use validate constraint velocity_count;
alter table velocity_use validate constraint velocity_amount;
alter table velocity_use validate constraint velocity_card_count;
alter table velocity_use validate constraint velocity_card_amount;
alter table velocity_use validate constraint velocity_recipient_count;
alter table velocity_use validate constraint velocity_recipient_amount;
alter table velocity_use validate constraint velocity_address_count;
alter table velocity_use validate constraint velocity_address_amount;

create index concurrently if not exists sign_in_party on sign_in (party_id);
create unique index concurrently if not exists refresh_family_code on refresh_family (code_hash) where code_hash is not null;
create unique index concurrently if not exists stock_import_key on stock_import (principal, key) where key is not null;
create index concurrently if not exists stock_import_brand on stock_import (brand_id, id desc);
create index concurrently if not exists gift_order_card on gift_order (card_id) where card_id is not null;
create index concurrently if not exists invoice_expires on invoice (expires_at) where status = 0 and expires_at is not null;

-- What is due is an index of its own, which holds nothing else.
create index concurrently if not exists gift_order_mail_due on gift_order (id)
  where delivery = 'email' and status = 'succeeded' and not mailed;
-- Open orders are worked off brand by brand, so that one that hangs stands in nobody else's way.
create index concurrently if not exists gift_order_open on gift_order (brand_id, created_at, id)
  where status in ('requested', 'processing') and kind <> 'plastic';

-- What the console's first page asks for is in indexes that hold nothing else, or follows the order of a list.
create index concurrently if not exists wallet_asset on wallet (asset_id, id);
create index concurrently if not exists wallet_kept on wallet (id) where kept;
create index concurrently if not exists account_frozen on account (id) where status = 1;
-- Owes what everyone else has.
create index concurrently if not exists account_issuing on account (asset_id, id) where upper = 0;
create index concurrently if not exists party_name on party (lower(name) text_pattern_ops, id);
create index concurrently if not exists party_kind on party (kind, id);
create index concurrently if not exists gift_order_failed on gift_order (ended_at desc) where status = 'failed';
create index concurrently if not exists delivery_failed on delivery (ended_at desc) where status = 'failed';
create index concurrently if not exists mail_outbox_failed on mail_outbox (failed_at desc) where failed_at is not null;
create index concurrently if not exists float_request_pending on float_request (id) where status = 'pending';
create index concurrently if not exists purchase_part_late on purchase_part (due_on) where state in ('late', 'failed');
create index concurrently if not exists stock_value_low on stock_value (brand_id) where low;
create index concurrently if not exists one_time_link_party on one_time_link (party_id)
  where purpose = 'invitation' and used_at is null;

-- Statements ask what an account is booked for.
create index concurrently if not exists brand_settlement on brand (settlement_id);
create index concurrently if not exists brand_revenue on brand (revenue_id);
create index concurrently if not exists brand_breakage on brand (breakage_id);
create index concurrently if not exists merchant_wallet on merchant (wallet_id);
create index concurrently if not exists sign_in_wants on sign_in (email) where wanted_mails <> '{}';
create index concurrently if not exists purchase_details_age on purchase (created_at) where not details_blanked;
-- The log of acts is read by age when it is swept.
create index concurrently if not exists console_act_age on console_act (at);

-- Orders that did not simply succeed: one that did is in no index of this kind, and costs nothing more to sell.
create index concurrently if not exists gift_order_status on gift_order (status, id desc) where status <> 'succeeded';
create index concurrently if not exists gift_order_partner_brand on gift_order (partner_id, brand_id, id desc);
create index concurrently if not exists card_tail on card (tail, id desc);
create index concurrently if not exists card_status on card (status, id desc) where status <> 'active';
create index concurrently if not exists float_request_status on float_request (status, id desc);
create index concurrently if not exists delivery_object on delivery (object, sequence);

-- What the console searches by.
create index concurrently if not exists client_name on client (lower(name) text_pattern_ops, id);
create index concurrently if not exists client_of_party on client (party_id, id);
create index concurrently if not exists consent_of_client on consent (client_id, id desc);
create index concurrently if not exists consent_of_party on consent (party_id, id desc);
create index concurrently if not exists api_key_of_party on api_key (party_id, id);
create index concurrently if not exists merchant_name on merchant (lower(name) text_pattern_ops, id);
create index concurrently if not exists merchant_of_party on merchant (party_id, id);
create index concurrently if not exists merchant_key_merchant on merchant_key (merchant_id) where merchant_id is not null;
create index concurrently if not exists merchant_key_company on merchant_key (company_id) where company_id is not null;
create index concurrently if not exists webhook_endpoint_of_party on webhook_endpoint (party_id, id);
create index concurrently if not exists purchase_of_reference on purchase (reference, id desc);
create index concurrently if not exists purchase_in_state on purchase (state, id desc);
create index concurrently if not exists purchase_of_merchant_in_state on purchase (merchant_id, state, id desc);
-- A delivery that went well is in no index of this kind.
create index concurrently if not exists delivery_failed_newest on delivery (sequence desc) where status = 'failed';
create index concurrently if not exists delivery_failed_of_receiver on delivery (receiver, sequence desc) where status = 'failed';

-- A block range each, so that a sale costs no more for them.
create index concurrently if not exists gift_order_ended on gift_order using brin (ended_at)
  with (pages_per_range = 16, autosummarize = on);
create index concurrently if not exists card_end_at on card_end using brin (at) with (pages_per_range = 16, autosummarize = on);
create index concurrently if not exists gift_order_taken_back on gift_order (ended_at) include (brand_id, face)
  where status = 'cancelled';
