-- What the console's lists are searched by, and credentials of partners that end at a moment.

-- A credential that is being replaced works beside its successor until then.
alter table partner_credential add column ends_at timestamptz;

-- Orders that did not simply succeed: one that did is in no index of this kind, and costs nothing more to sell.
create index gift_order_status on gift_order (status, id desc) where status <> 'succeeded';
create index gift_order_partner_brand on gift_order (partner_id, brand_id, id desc);
create index card_tail on card (tail, id desc);
create index card_status on card (status, id desc) where status <> 'active';
create index float_request_status on float_request (status, id desc);
create index delivery_object on delivery (object, sequence);
