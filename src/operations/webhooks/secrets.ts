import { randomBytes } from 'node:crypto'
import type { Keyring } from '../../credentials/keyring.ts'

/** What each secret is sealed for. */
const context = (endpointId: string) => `webhook:${endpointId}:secret`

/** 256 random bits in the form of Standard Webhooks. */
export const makeWebhookSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`

export const sealWebhookSecret = (keyring: Keyring, endpointId: string, secret: string): Buffer =>
  keyring.seal(secret, context(endpointId))

export const openWebhookSecret = (keyring: Keyring, endpointId: string, sealed: Buffer): string =>
  keyring.open(sealed, context(endpointId))
