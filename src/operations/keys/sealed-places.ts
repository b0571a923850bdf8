import { signingSecretContext } from '../../credentials/client-states.ts'
import { totpContext } from '../../credentials/totp.ts'
import { mailContext } from '../../mail/mailer.ts'
import { linkContext } from '../../storage/card-links.ts'
import type { SealedColumn, SealedRow } from '../../storage/sealed-values.ts'

/** A sealed column, and what each value in it is sealed for. */
export type SealedPlace = SealedColumn & { readonly context: (named: SealedRow['named']) => string }

const ID = { id: 'uuid' } as const

const place = (
  name: `${string}.${string}`,
  key: SealedColumn['key'],
  context: SealedPlace['context'],
  bound: readonly string[] = [],
): SealedPlace => {
  const [table, column] = name.split('.') as [string, string]
  return { table, column, key, context, bound }
}

/**
 * Every column that the keyring seals. The servers' own secrets stand last: no server starts without them, so one that lacks an old key
 * does not start as long as anything is sealed with it.
 */
export const SEALED_PLACES: readonly SealedPlace[] = [
  place('client.signing_secret', { id: 'text' }, ({ id }) => signingSecretContext(id as string)),
  place('signing_key.private_jwk', { kid: 'text' }, ({ kid }) => `signing-key:${kid}`),
  place('partner_credential.secret', ID, ({ id }) => `partner_credential:${id}`),
  place('merchant.secret', ID, ({ id }) => `merchant:${id}:secret`),
  place('webhook_secret.secret', ID, ({ endpoint_id }) => `webhook:${endpoint_id}:secret`, ['endpoint_id']),
  place('totp_factor.sealed', { email: 'text' }, ({ email }) => totpContext(email as string)),
  place('brand.upstream', ID, ({ id }) => `brand:${id}:upstream`),
  place('stock_code.code', { id: 'bigint' }, ({ code_hash }) => `stock:${code_hash}`, ['code_hash']),
  place('plastic_card.code', ID, ({ id }) => `plastic_card:${id}`),
  place('card.code', ID, ({ id }) => `card:${id}:secrets`),
  place('card.link', ID, ({ id }) => linkContext(id as string, 0)),
  place('card_link.link', { card_id: 'uuid', version: 'integer' }, ({ card_id, version }) =>
    linkContext(card_id as string, Number(version)),
  ),
  place('gift_order.details', ID, ({ id }) => `order:${id}:details`),
  place('jackpot_session.user_id', ID, ({ id }) => `jackpot_session:${id}:user`),
  place('purchase.details', ID, ({ id }) => `purchase:${id}:details`),
  place('mail_outbox.sealed', ID, ({ id }) => mailContext(id as string)),
  place('erasure.identifiers', ID, ({ id }) => `erasure:${id}:identifiers`),
  place('refresh_family.successor', ID, ({ id }) => `refresh_family:${id}:successor`),
  place('oauth_artifact.payload', { model: 'text', id_hash: 'bytea' }, ({ model }) => `oauth_artifact:${model}`),
  place(
    'admin_idempotency.answer',
    { principal: 'text', key: 'text' },
    ({ principal, key }) => `admin-answer:${principal}:${key}`,
  ),
  place('server_secret.sealed', { name: 'text' }, ({ name }) => name as string),
]
