import { createSecondFactor } from '../../credentials/second-factor.ts'
import { createThrottle } from '../../credentials/throttle.ts'
import { proveAgain } from '../../operations/prove-again.ts'
import type { PageContext, PageSession } from '../env.ts'
import { type FactorQuestion, passkeyOptions, proofOf } from '../factors/fields.ts'
import { factorText } from '../factors/messages.ts'
import type { ConsoleCall, ConsoleDeps } from './route.ts'
import { consoleText as text } from './words.ts'

type Problems = Pick<ConsoleCall, 'passwordProblem' | 'factorProblem'>

export type StepUp = {
  /** What the page of a dangerous act asks for beside the password; null: this person has no second factor. */
  question(c: PageContext, session: PageSession): FactorQuestion | null
  /** @returns what to say beside the fields, or null when all is right */
  check(call: ConsoleCall, fields: ReadonlyMap<string, string>): Promise<Problems | null>
}

/** The question before a dangerous act: a stolen session must not be enough for it. */
export function createStepUp(deps: ConsoleDeps): StepUp {
  const { config } = deps
  const throttle = createThrottle(deps.keyring)
  const secondFactor = createSecondFactor(deps)
  return {
    question: (c, { totp, passkey }) =>
      totp || passkey ? { totp, passkey: passkey ? passkeyOptions(config, c, secondFactor, 'confirm') : null } : null,
    async check({ c, user, language }, fields) {
      const { email, sessionId } = user
      const password = fields.get('password') ?? ''
      const proof = proofOf(config, c, fields)
      const outcome = await proveAgain({ ...deps, throttle, secondFactor }, { email, sessionId, password, proof })
      const { result } = outcome
      if (result === 'proven') return null
      if (result === 'throttled') {
        const { seconds } = outcome
        return { passwordProblem: text(language, 'password-throttled', { seconds }), factorProblem: null }
      }
      return result === 'factor-missing' || result === 'factor-wrong'
        ? { passwordProblem: null, factorProblem: factorText(language, result) }
        : { passwordProblem: text(language, result), factorProblem: null }
    },
  }
}
