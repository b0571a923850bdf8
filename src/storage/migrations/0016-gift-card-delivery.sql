-- Cards that are delivered by mail, open orders brand by brand, limits by the caller's address, and accounts that no wallet reaches.

-- Whether the mail of an order was written.
alter table gift_order add column mailed boolean not null default false;

-- Comes back by brand.
drop index gift_order_open;

-- A refusal says whose use was too much: each kind of subject has its own pair of checks.
alter table velocity_rule drop constraint velocity_rule_subject_check,
  add constraint velocity_rule_subject_check check (subject in ('partner', 'card', 'recipient', 'address'));
alter table velocity_use add column kind text;
update velocity_use u set kind = r.subject from velocity_rule r where r.id = u.rule_id;
delete from velocity_use where kind is null;
alter table velocity_use alter column kind set not null,
  drop constraint velocity_count,
  drop constraint velocity_amount,
  add constraint velocity_count check (kind <> 'partner' or count <= max_count) not valid,
  add constraint velocity_amount check (kind <> 'partner' or amount <= max_amount) not valid,
  add constraint velocity_card_count check (kind <> 'card' or count <= max_count) not valid,
  add constraint velocity_card_amount check (kind <> 'card' or amount <= max_amount) not valid,
  add constraint velocity_recipient_count check (kind <> 'recipient' or count <= max_count) not valid,
  add constraint velocity_recipient_amount check (kind <> 'recipient' or amount <= max_amount) not valid,
  add constraint velocity_address_count check (kind <> 'address' or count <= max_count) not valid,
  add constraint velocity_address_amount check (kind <> 'address' or amount <= max_amount) not valid;

-- Accounts that keep the books of gift cards, or lend for purchases: the wallet API and the pages of owners do not know them.
alter table wallet add column kept boolean not null default false;
update wallet set kept = true where namespace = 'financing' or id in (
  select settlement_id from brand union all select revenue_id from brand union all select breakage_id from brand
  union all select wallet_id from partner_float);
update wallet w set parent_id = null where w.kept or exists (select from wallet p where p.id = w.parent_id and p.kept);
