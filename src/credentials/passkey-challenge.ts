import { createHmac, randomBytes } from 'node:crypto'
import type { Keyring } from './keyring.ts'
import { equalBytes, hashSecret } from './secrets.ts'

/** What an answer is for: one given for another is refused. */
export type ChallengePurpose = 'register' | 'sign-in' | 'confirm'

export type PasskeyChallenges = {
  /** @param bind whom it is given to: the token that forms of this browser carry */
  make(purpose: ChallengePurpose, bind: string): Uint8Array<ArrayBuffer>
  /** @param challenge base64url. @returns null when it is not ours, was given to another, or is over */
  read(purpose: ChallengePurpose, bind: string, challenge: string): { hash: Buffer; expiresAt: number } | null
}

/** ms */
const LIFE = 5 * 60_000
const RANDOM_BYTES = 16
const HEAD_BYTES = 8 + RANDOM_BYTES
const MAC_BYTES = 32

/**
 * Challenges of passkeys (Web Authentication level 3, section 13.4.3), which prove themselves: time, random bits and a MAC over them,
 * the purpose and the browser. So nothing is kept of those that nobody answers, and strangers cannot fill a table by opening pages;
 * that each is answered once is a row that its first right answer writes.
 */
export function createPasskeyChallenges(deps: { keyring: Keyring; clock: () => number }): PasskeyChallenges {
  const keys = deps.keyring.deriveEach('passkey-challenges')
  const macBy = (key: Buffer | undefined, purpose: ChallengePurpose, bind: string, head: Uint8Array) =>
    createHmac('sha256', key as Buffer)
      .update(`${purpose}\n${bind}\n`)
      .update(head)
      .digest()
  return {
    make(purpose, bind) {
      const head = Buffer.alloc(HEAD_BYTES)
      head.writeBigUInt64BE(BigInt(deps.clock() + LIFE))
      randomBytes(RANDOM_BYTES).copy(head, 8)
      return new Uint8Array([...head, ...macBy(keys[0], purpose, bind, head)])
    },
    read(purpose, bind, challenge) {
      const bytes = Buffer.from(challenge, 'base64url')
      if (bytes.length !== HEAD_BYTES + MAC_BYTES) return null
      const head = bytes.subarray(0, HEAD_BYTES)
      const given = bytes.subarray(HEAD_BYTES)
      if (!keys.some((key) => equalBytes(given, macBy(key, purpose, bind, head)))) return null
      const expiresAt = Number(head.readBigUInt64BE())
      return expiresAt > deps.clock() ? { hash: hashSecret(bytes.toString('base64url')), expiresAt } : null
    },
  }
}
