import type { Sql } from '../storage/database.ts'
import { countPasskey, takeChallenge } from '../storage/passkeys.ts'
import { findTotp, hasRecoveryCode, takeRecoveryCode, takeTotpStep } from '../storage/second-factors.ts'
import type { Keyring } from './keyring.ts'
import { checkAnswer, type PasskeyAnswer, type PasskeyScope } from './passkey.ts'
import { createPasskeyChallenges, type PasskeyChallenges } from './passkey-challenge.ts'
import { hashRecoveryCode, readRecoveryCode } from './recovery-codes.ts'
import { readTotpCode, totpContext, totpStep } from './totp.ts'

/** What somebody shows beside the password. */
export type FactorProof = {
  /** of the authenticator app, or one of the recovery codes; '' when there is none */
  readonly code: string
  /** what a passkey answered, as JSON; '' when there is none */
  readonly passkey: string
  readonly scope: PasskeyScope
}

/** A proof that is right, and not used yet. */
export type CheckedFactor =
  | { readonly kind: 'totp'; readonly step: number }
  | { readonly kind: 'recovery-code'; readonly hash: Buffer }
  | { readonly kind: 'passkey'; readonly answer: PasskeyAnswer }

export type SecondFactor = {
  readonly challenges: PasskeyChallenges
  /** Whether a proof is right for this person; writes nothing. */
  check(sql: Sql, email: string, proof: FactorProof): Promise<CheckedFactor | null>
  /**
   * Uses what was checked: one conditional write each, so that of any number at once with one proof one gets through.
   * @returns false when it was used before
   */
  use(sql: Sql, email: string, checked: CheckedFactor): Promise<boolean>
}

export function createSecondFactor(deps: { keyring: Keyring; clock: () => number }): SecondFactor {
  const challenges = createPasskeyChallenges(deps)

  async function checkCode(sql: Sql, email: string, text: string): Promise<CheckedFactor | null> {
    const code = readTotpCode(text)
    if (code !== null) {
      const sealed = await findTotp(sql, email)
      if (!sealed) return null
      const step = totpStep(deps.keyring.open(sealed, totpContext(email)), code, deps.clock())
      return step === null ? null : { kind: 'totp', step }
    }
    const recovery = readRecoveryCode(text)
    if (recovery === null) return null
    const hash = hashRecoveryCode(email, recovery)
    return (await hasRecoveryCode(sql, email, hash)) ? { kind: 'recovery-code', hash } : null
  }

  return {
    challenges,
    async check(sql, email, { code, passkey, scope }) {
      if (passkey === '') return checkCode(sql, email, code)
      const answer = await checkAnswer(sql, challenges, passkey, { ...scope, purpose: 'confirm' })
      return answer?.email === email ? { kind: 'passkey', answer } : null
    },
    async use(sql, email, checked) {
      if (checked.kind === 'totp') return takeTotpStep(sql, email, checked.step)
      if (checked.kind === 'recovery-code') return takeRecoveryCode(sql, email, checked.hash)
      return usePasskey(sql, checked.answer)
    },
  }
}

/** Takes the challenge and counts the key. */
export async function usePasskey(sql: Sql, { id, counter, challenge }: PasskeyAnswer): Promise<boolean> {
  return (await takeChallenge(sql, challenge.hash, challenge.expiresAt)) && countPasskey(sql, id, counter)
}
