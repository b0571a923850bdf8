import { decodeBase64url } from '../protocol/base64url.ts'
import type { JsonObject } from '../protocol/exact-json.ts'
import { hmacSha256 } from '../protocol/hmac.ts'
import { type PledgNotificationRefusal, pledgNotificationHash, readPledgNotification } from './notifications.ts'
import { importPledgKey } from './signing.ts'
import type { PledgBackNotice, PledgErrorNotice, PledgTransferNotice } from './wire.ts'

/** A proven notification. `repeat` is the same at each delivery of one fact: know it again by that, and by the merchant. */
export type PledgNotice =
  | { kind: 'transfer'; notice: PledgTransferNotice; repeat: string; content: JsonObject }
  | { kind: 'error'; notice: PledgErrorNotice; repeat: string; content: JsonObject }
  /** `content` has no more than what the hash proves. */
  | { kind: 'back'; notice: PledgBackNotice; repeat: string; content: JsonObject }

/** Whether a notification is to be believed, and what it says. */
export type PledgNoticeVerdict =
  | { ok: false; refusal: PledgNotificationRefusal | 'wrong-signature' | 'unknown-notification' }
  | ({ ok: true } & PledgNotice)

/**
 * Proves a notification with WebCrypto under the merchant's secret. Only a receiver that has a secret can know anything: without
 * one, take a notification for a hint, and read the purchase.
 */
export async function verifyPledgNotification(body: string, secret: string): Promise<PledgNoticeVerdict> {
  const form = readPledgNotification(body)
  if (!form.ok) return form
  const right =
    form.kind === 'token'
      ? await isSignedBy(secret, form.signingInput, form.presented)
      : await isSame(await pledgNotificationHash(form.hashed, secret), form.presented)
  if (!right) return { ok: false, refusal: 'wrong-signature' }
  const notice = form.kind === 'token' ? readToken(form.content) : readBack(form.hashed)
  return notice === null ? { ok: false, refusal: 'unknown-notification' } : { ok: true, ...notice }
}

function readToken(content: JsonObject): PledgNotice | null {
  const { reference, amount_cents, transfer_order_item_uid } = content
  if (!isText(reference)) return null
  if (isText(transfer_order_item_uid) && Number.isSafeInteger(amount_cents)) {
    const notice = content as unknown as PledgTransferNotice
    return { kind: 'transfer', notice, repeat: key(reference, transfer_order_item_uid), content }
  }
  const state = [content.purchase_state, content.acceptance_state, content.state].find(isText)
  if (state === undefined) return null
  const uid = [content.purchase_uid, content.uid].find(isText) ?? null
  const notice = { reference, state, purchase_uid: uid }
  return { kind: 'error', notice, repeat: key(reference, uid ?? '', state), content }
}

function readBack({ id, reference, created_at, status, sandbox, error }: Record<string, unknown>): PledgNotice | null {
  if (!isText(id) || !isText(reference) || !isText(status) || typeof created_at !== 'string') return null
  // The hash can't tell true from the word, so neither can this.
  const notice = {
    id,
    reference,
    created_at,
    status,
    sandbox: String(sandbox) === 'true',
    error: isText(error) ? error : null,
  }
  return { kind: 'back', notice, repeat: key(reference, id, status), content: { ...notice } }
}

const key = (...parts: string[]) => JSON.stringify(parts)
const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

/** Whether a text is signed by HS256 under a secret, compared in constant time. @param presented base64url */
export async function isSignedBy(secret: string, signingInput: string, presented: string): Promise<boolean> {
  const code = decodeBase64url(presented)
  if (code === null) return false
  return crypto.subtle.verify('HMAC', await importPledgKey(secret), code, new TextEncoder().encode(signingInput))
}

/** Compares in constant time where there is no function for it: by digests under a key that nobody else has. */
async function isSame(expected: string, presented: string): Promise<boolean> {
  const blind = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
  return crypto.subtle.verify('HMAC', blind, await hmacSha256(blind, expected), new TextEncoder().encode(presented))
}
