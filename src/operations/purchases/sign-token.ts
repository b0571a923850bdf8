import { createHmac } from 'node:crypto'
import { jwtParts } from '#sdk/protocol/hs256-jwt.ts'
import type { Keyring } from '../../credentials/keyring.ts'
import type { Merchant } from '../../storage/merchants.ts'

/** HS256 with a merchant's secret, as text, as its key: what Pledg's JSON Web Tokens are. */
export function signToken(payload: object, secret: string): string {
  const { signingInput } = jwtParts(payload)
  return `${signingInput}.${createHmac('sha256', secret).update(signingInput).digest('base64url')}`
}

/** What a merchant's requests are signed and its notifications are made with; null: it has none. */
export const openMerchantSecret = (keyring: Pick<Keyring, 'open'>, { id, secret }: Merchant): string | null =>
  secret === null ? null : keyring.open(secret, `merchant:${id}:secret`)
