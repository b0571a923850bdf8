/**
 * What becomes of a column when a person is erased.
 * - `deleted`: the person's rows are deleted.
 * - `replaced`: wherever the person's addresses, ids or name stand in it, pseudonyms take their place; other text stays.
 * - `redacted`: the same in the books, with a proof that the audit checks (ledger/redaction.ts).
 * - `destroyed`: sealed; what it holds of the person is taken out, or the whole value.
 * - `expires`: sealed or hashed, tells nobody anything without the server's key, and its time is over soon.
 * - `kept`: needed as it is; says nothing of the person once the rest is done.
 */
export type ErasureRule = 'deleted' | 'replaced' | 'redacted' | 'destroyed' | 'expires' | 'kept'

export type PersonalColumn = {
  readonly what: string
  readonly why: string
  readonly kept: string
  readonly rule: ErasureRule
}

const column = (rule: ErasureRule, what: string, why: string, kept: string): PersonalColumn => ({
  what,
  why,
  kept,
  rule,
})

const SIGN_IN = 'they sign in with it'
const WITH_SIGN_IN = 'as long as the sign-in'
const ACTS = '`acts`'
const MAILS = '`mails`'
const DELIVERIES = '`deliveries`'
const ANSWERS = '`answers`'
const ALWAYS = 'always, as a part of the books'
const WHO_DID = 'who did it'
const ACTOR = 'the actor: ids, of people in the console their address'

/** Every column that may hold something of a person, or about one. The documentation and the erasure are made of this table. */
export const PERSONAL_COLUMNS: Readonly<Record<string, PersonalColumn>> = {
  'party.name': column('replaced', 'the name', 'payers see whom they pay', 'until it is erased'),
  'sign_in.email': column('deleted', 'e-mail address', SIGN_IN, 'until it is erased'),
  'sign_in.password_hash': column('deleted', 'the password, as Argon2id', SIGN_IN, WITH_SIGN_IN),
  'sign_in.language': column('deleted', 'language', 'pages and mails are in it', WITH_SIGN_IN),
  'sign_in.passkey_handle': column('deleted', 'a random name for authenticators', SIGN_IN, WITH_SIGN_IN),
  'sign_in.wanted_mails': column('deleted', 'which mails they want', 'they chose', WITH_SIGN_IN),
  'web_session.email': column('deleted', 'e-mail address', SIGN_IN, '`sessions`'),
  'web_session.device': column('deleted', 'browser and system', 'they recognise their sessions', '`sessions`'),
  'web_session.address': column('deleted', 'network address', 'they recognise their sessions', '`sessions`'),
  'half_session.email': column('deleted', 'e-mail address', 'between password and second factor', 'minutes'),
  'totp_factor.email': column('deleted', 'e-mail address', SIGN_IN, WITH_SIGN_IN),
  'totp_factor.sealed': column('deleted', 'the secret of an authenticator app, sealed', SIGN_IN, WITH_SIGN_IN),
  'recovery_code.email': column('deleted', 'e-mail address', SIGN_IN, WITH_SIGN_IN),
  'passkey.email': column('deleted', 'e-mail address', SIGN_IN, WITH_SIGN_IN),
  'passkey.id': column('deleted', 'the credential’s id', SIGN_IN, WITH_SIGN_IN),
  'passkey.name': column('deleted', 'what they call it', 'they tell them apart', WITH_SIGN_IN),
  'passkey.public_key': column('deleted', 'the public key', SIGN_IN, WITH_SIGN_IN),
  'passkey.transports': column('deleted', 'how the device is reached', SIGN_IN, WITH_SIGN_IN),
  'application_password.email': column('deleted', 'e-mail address', SIGN_IN, WITH_SIGN_IN),
  'application_password.name': column('deleted', 'what they call it', 'they tell them apart', WITH_SIGN_IN),
  'one_time_link.email': column('deleted', 'e-mail address', 'a mailed link works once', 'a day after its end'),
  'mail_cursor.email': column('deleted', 'e-mail address', 'each movement is told once', WITH_SIGN_IN),
  'mail_outbox.sealed': column('destroyed', 'mails to them, sealed', 'until they are sent', MAILS),
  'request_rate.key_hash': column('expires', 'a MAC of addresses and keys', 'requests are limited', 'minutes'),
  'sign_in_throttle.key_hash': column('expires', 'a MAC of addresses', 'attempts are slowed down', 'a day'),
  'wallet.number': column('replaced', 'perhaps a telephone number', 'the wallet’s id', ALWAYS),
  'wallet.opaque_id': column('replaced', 'a digest of the wallet’s id', 'the wallet’s other id', ALWAYS),
  'transaction.principal': column('redacted', ACTOR, WHO_DID, ALWAYS),
  'transaction.payload': column('redacted', 'descriptions, details, ids of wallets', 'histories show them', ALWAYS),
  'redaction.digest': column('kept', 'a sealed digest of texts that were taken out', 'the chain is checked', ALWAYS),
  'idempotency.answer': column('replaced', 'answers of the wallet API', 'a repeat gets the same answer', ANSWERS),
  'admin_idempotency.answer': column(
    'expires',
    'answers of the admin API, sealed',
    'a repeat gets the same answer',
    'a day',
  ),
  'oauth_artifact.payload': column('expires', 'codes and sessions of OAuth, sealed', 'applications sign in', 'a day'),
  'client.name': column('replaced', 'the name of an application', 'its owner recognises it', 'until it is erased'),
  'client.redirect_uris': column(
    'replaced',
    'addresses of an application',
    'where it gets its answer',
    'until it is erased',
  ),
  'api_key.name': column('replaced', 'what a key is for', 'its owner recognises it', 'until it is erased'),
  'company.name': column('replaced', 'a business, perhaps a person’s name', 'who sells', 'until it is erased'),
  'merchant.name': column('replaced', 'a business, perhaps a person’s name', 'who sells', 'until it is erased'),
  'webhook_endpoint.url': column('replaced', 'where somebody is told', 'notifications go there', 'until it is erased'),
  'webhook_endpoint.note': column('replaced', 'a remark', 'its owner recognises it', 'until it is erased'),
  'delivery.body': column('replaced', 'what was told: ids of wallets', 'deliveries are repeated', DELIVERIES),
  'delivery.object': column('replaced', 'what it is about: ids of wallets', 'deliveries are in order', DELIVERIES),
  'delivery.url': column('replaced', 'where it went', 'deliveries are repeated', DELIVERIES),
  'delivery_attempt.error': column('replaced', 'why it failed', 'operators find the fault', DELIVERIES),
  'delivery_attempt.excerpt': column('replaced', 'how the answer begins', 'operators find the fault', DELIVERIES),
  'event_count.object': column('replaced', 'what events are about: ids of wallets', 'they are numbered', 'always'),
  'console_act.email': column('replaced', 'e-mail address', WHO_DID, ACTS),
  'console_act.address': column('replaced', 'network address', 'from where it was done', ACTS),
  'console_act.object': column('replaced', 'what it was done to', 'acts can be followed', ACTS),
  'console_act.detail': column('replaced', 'particulars', 'acts can be followed', ACTS),
  'compromise.target': column('replaced', 'a credential; of a sign-in its address', 'what was ended', 'always'),
  'compromise.name': column('replaced', 'name of a credential or person', 'what was ended', 'always'),
  'compromise.actor': column('replaced', ACTOR, WHO_DID, 'always'),
  'compromise.principals': column('replaced', ACTOR, 'its uses are listed', 'always'),
  'compromise.sessions': column('destroyed', 'devices and network addresses', 'its uses are listed', 'always'),
  'audit_run.principal': column('replaced', ACTOR, WHO_DID, 'always'),
  'audit_run.findings': column('replaced', 'rows of the books', 'faults are found', 'always'),
  'funding.asked_by': column('replaced', 'e-mail address', WHO_DID, ALWAYS),
  'funding.decided_by': column('replaced', 'e-mail address', WHO_DID, ALWAYS),
  'funding.reason': column('replaced', 'why money was moved by hand', 'operators account for it', ALWAYS),
  'gift_order.details': column(
    'destroyed',
    'recipient, address, message, sealed',
    'the card is delivered',
    '`recipients`',
  ),
  'gift_order.error': column('replaced', 'why it failed', 'the buyer is told', 'always'),
  'gift_order.request_id': column('replaced', 'the buyer’s own id', 'a repeat is recognised', 'always'),
  'order_event.detail': column('replaced', 'what happened', 'operators find the fault', 'always'),
  'partner_request.content': column('replaced', 'what was asked for', 'a repeat is recognised', 'always'),
  'partner_request.request_id': column('replaced', 'the buyer’s own id', 'a repeat is recognised', 'always'),
  'velocity_use.subject': column('replaced', 'recipients, network addresses', 'limits are kept', '`limits`'),
  'float_request.details': column('replaced', 'e-mail address of a partner’s accounts', 'a partner asked so', 'always'),
  'float_request.reference': column('replaced', 'the partner’s own id', 'a partner asked so', 'always'),
  'float_decision.principal': column('replaced', ACTOR, WHO_DID, 'always'),
  'stock_import.principal': column('replaced', ACTOR, WHO_DID, 'always'),
  'stock_import.name': column('replaced', 'name of a file', 'operators recognise it', 'always'),
  'plastic_card.principal': column('replaced', ACTOR, WHO_DID, 'always'),
  'card.code': column('kept', 'a code, sealed', 'the card can be spent', 'always'),
  'card.link': column('kept', 'the secret of the card’s page, sealed', 'its keeper opens it', 'always'),
  'card_link.link': column('kept', 'the secret of the card’s page, sealed', 'its keeper opens it', 'always'),
  'card_link.principal': column('replaced', ACTOR, 'who claimed or gave it', 'always'),
  'card_event.principal': column('replaced', ACTOR, 'who looked at a code', 'always'),
  'card_event.detail': column('replaced', 'particulars', 'who looked at a code', 'always'),
  'card_hold.note': column('redacted', 'a merchant’s remark', 'histories show it', ALWAYS),
  'card_hold.principal': column('replaced', ACTOR, WHO_DID, ALWAYS),
  'card_redemption.note': column('redacted', 'a merchant’s remark', 'histories show it', ALWAYS),
  'card_redemption.principal': column('replaced', ACTOR, WHO_DID, ALWAYS),
  'card_refund.principal': column('replaced', ACTOR, WHO_DID, ALWAYS),
  'card_top_up.principal': column('replaced', ACTOR, WHO_DID, ALWAYS),
  'jackpot_session.user_id': column('expires', 'a partner’s user, sealed', 'the partner recognises it', 'a day'),
  'jackpot_session.notification_key': column('replaced', 'the partner’s own id', 'the partner is told', 'a day'),
  'jackpot_token.notification_key': column('replaced', 'the partner’s own id', 'a token works once', 'always'),
  'voucher.notification_key': column('replaced', 'the partner’s own id', 'the partner is told', 'always'),
  'purchase.details': column(
    'destroyed',
    'name, e-mail, phone, birth, addresses, sealed',
    'the merchant said so',
    '`recipients`',
  ),
  'purchase.reference': column('replaced', 'the merchant’s own id', 'a repeat is recognised', 'always'),
  'purchase.title': column('replaced', 'what was bought', 'both sides see it', 'always'),
  'purchase_reference.reference': column('replaced', 'the merchant’s own id', 'a repeat is recognised', 'always'),
  'api_call.address': column('replaced', 'network address', 'a business sees its calls', '`calls`'),
  'api_call.message': column('replaced', 'an error’s text', 'a business sees its calls', '`calls`'),
  'api_call.facts': column('replaced', 'what was compared', 'a business sees its calls', '`calls`'),
  'api_call.failed': column('replaced', 'which check failed', 'a business sees its calls', '`calls`'),
  'api_call.request_id': column('replaced', 'the caller’s own id', 'a business sees its calls', '`calls`'),
  'alert.object': column('replaced', 'what is wrong', 'operators act on it', '`alerts`'),
  'alert.detail': column('replaced', 'particulars', 'operators act on it', '`alerts`'),
  'job_failure.error': column('replaced', 'why a job failed', 'operators act on it', 'until it succeeds'),
  'erasure.identifiers': column(
    'destroyed',
    'what is looked for, sealed',
    'one that was cut off goes on',
    'until it is done',
  ),
  'erasure.principal': column('replaced', ACTOR, 'who had somebody erased', 'always'),
}

/** Columns of text, JSON or bytes that are about no person: names of things, states, keys, digests of random secrets. */
export const OTHER_COLUMNS: ReadonlySet<string> = new Set(
  `admin_idempotency.key admin_idempotency.principal admin_idempotency.request_hash alert.kind business_day.what api_call.code api_call.method
   api_call.protocol api_call.route api_key.key_hash api_key.scopes application_password.secret_hash asset.circle asset.code
   audit_run.counts audit_run.status audit_run.step brand.barcode brand.categories brand.countries brand.delivery
   brand.discount_keeper brand.name brand.slug brand.status brand.status_reason brand.supply brand.texts brand.upstream
   brand_code.code brand_code.scheme card.code_hash card.link_hash card.status card.tail card_end.how card_event.what
   card_link.link_hash client.id client.scopes client.secret_hash client.signing_secret company.uid compromise.ended
   compromise.kind consent.client_id consent.scopes console_act.act console_act.outcome console_act.role delivery.form
   delivery.status delivery.topic dpop_proof.id erasure.counts erasure.pseudonym float_decision.status float_request.status
   flow_day.way funding.direction gift_order.delivery gift_order.kind gift_order.protocol gift_order.status
   half_session.token_hash jackpot_account.allowed_domains jackpot_account.callback_url jackpot_account.client_secret_hash
   jackpot_account.confirmation jackpot_account.notification_url jackpot_session.token_hash jackpot_token.digest
   job_failure.job journal.hash journal.heads mail_outbox.last_error merchant.error_notification_url
   merchant.payment_notification_url merchant.redirect_hosts merchant.secret merchant.uid merchant_key.key
   merchant_key.secret_hash merchant_plan.kind merchant_plan.name migration.version oauth_artifact.grant_hash
   oauth_artifact.id_hash oauth_artifact.model oauth_artifact.uid_hash oauth_artifact.user_code_hash one_time_link.purpose
   one_time_link.role one_time_link.token_hash order_event.what overview_figure.name overview_figure.value partner.slug
   partner_credential.addresses partner_credential.identifier partner_credential.key_hash partner_credential.protocol
   partner_credential.secret partner_request.operation partner_request.scope party.kind plastic_card.code
   plastic_card.code_hash promotion.code promotion.description promotion.name promotion.restrictions purchase.kind
   purchase.link_hash purchase.plan purchase.request_key purchase.state purchase.terms purchase.uid purchase.via
   purchase_credit.request_key purchase_hold.role purchase_part.request_key purchase_part.state recovery_code.code_hash retention_cursor.what
   refresh_family.client_id refresh_family.code_hash refresh_family.current_hash refresh_family.jkt
   refresh_family.previous_hash refresh_family.scopes refresh_family.successor server_secret.name server_secret.sealed
   sign_in.role signing_key.alg signing_key.kid signing_key.private_jwk signing_key.public_jwk stock_code.code
   stock_code.code_hash stock_import.content_hash stock_import.key stock_import.status stock_import_batch.hash
   stock_import_refusal.detail stock_import_refusal.mask stock_import_refusal.reason statement_day.counterparty statement_day.kind statement_part.sums
   transaction.kind
   transaction_token.endpoint used_challenge.challenge_hash velocity_rule.subject velocity_use.kind voucher.coupon_id
   voucher.state voucher_offer.funder voucher_offer.kind voucher_offer.rounding voucher_step.step voucher_step.what
   wallet.currency wallet.namespace web_session.token_hash webhook_endpoint.disabled_because webhook_endpoint.topics
   webhook_secret.secret`.split(/\s+/),
)
