import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import type { Effect, EffectRow } from './command.ts'

/**
 * Texts are taken out of a transaction when a person is erased. Its amounts stay, and so does the proof: the digest of what stands now
 * is told by the payload of the erasure's own transaction, which the journal chains; the digest that was chained before is kept
 * sealed, for the chain needs it, and for nobody else: of a text with few possibilities a digest tells which it was.
 */
export type Redaction = {
  readonly id: string
  /** 32 hex digits each: as it was found, and of what stands from now on */
  readonly before: string
  readonly after: string
  readonly principal: string
  readonly payload: string
}

export type DigestSeal = {
  seal(transaction: string, digest: string): Buffer
  /** @returns null when this was not sealed with the key, or for another transaction */
  open(transaction: string, sealed: Buffer): string | null
}

const NONCE = 12
const TAG = 16

/** AES-256-GCM under a key made of the journal's: whoever can check the chain can open the digests, and nobody else. */
export function createDigestSeal(journalKey: KeyObject): DigestSeal {
  const key = createSecretKey(createHmac('sha256', journalKey).update('billfold redacted digests\n').digest())
  return {
    seal(transaction, digest) {
      const nonce = randomBytes(NONCE)
      const cipher = createCipheriv('aes-256-gcm', key, nonce)
      cipher.setAAD(Buffer.from(transaction))
      return Buffer.concat([nonce, cipher.update(digest, 'utf8'), cipher.final(), cipher.getAuthTag()])
    },
    open(transaction, sealed) {
      if (sealed.length < NONCE + TAG) return null
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE))
      decipher.setAAD(Buffer.from(transaction))
      decipher.setAuthTag(sealed.subarray(-TAG))
      try {
        const text = Buffer.concat([decipher.update(sealed.subarray(NONCE, -TAG)), decipher.final()])
        return text.toString('utf8')
      } catch {
        return null
      }
    },
  }
}

/** The kind of the transactions that vouch for redactions. */
export const ERASURE_KIND = 'erasure'

/** Rows: {@link redactionRow}. A transaction that was changed since it was read is left alone. */
export const transactionRedacted: Effect = {
  name: 'transaction-redacted',
  text: `with given as (
      select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::bytea[], $7::uuid[])
        as g (id, before, after, principal, payload, sealed, erasure)
    ), changed as (
      update transaction t set principal = g.principal, payload = g.payload, digest = g.after
      from given g where t.id = g.id and t.digest = g.before returning t.id
    )
    insert into redaction as r (transaction_id, digest, redacted_by)
    select id, sealed, erasure from given join changed using (id) order by id
    on conflict (transaction_id) do update set redacted_by = excluded.redacted_by`,
}

export const redactionRow = (seal: DigestSeal, erasure: string, redaction: Redaction): EffectRow => [
  redaction.id,
  redaction.before,
  redaction.after,
  redaction.principal,
  redaction.payload,
  `\\x${seal.seal(redaction.id, redaction.before).toString('hex')}`,
  erasure,
]

/** What the payload of an erasure's transaction says of the transactions whose texts it changed. */
export const redactionsTold = (redactions: readonly Redaction[]): Record<string, string> =>
  Object.fromEntries(redactions.map(({ id, after }) => [id, after]))
