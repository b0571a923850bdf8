import { createHmac } from 'node:crypto'
import type { Database, Sql } from '../storage/database.ts'
import {
  clearAttempts,
  giveAttemptBack,
  readPause,
  type ThrottleRule,
  takeAttempt,
} from '../storage/sign-in-throttle.ts'
import { networkOf } from './address.ts'
import type { Keyring } from './keyring.ts'

/**
 * Pauses are capped at five minutes, and a device that has signed in before is counted for itself, so that nobody keeps an owner
 * out. From a strange device a stranger may be quicker than the owner whenever a pause ends; then recovering the password helps.
 */
const RULES = {
  account: { free: 5, cap: 300, forget: 3600 },
  device: { free: 5, cap: 300, forget: 3600 },
  session: { free: 5, cap: 300, forget: 3600 },
  // Whoever guesses at a second factor knows the password: of a million codes, three of which are right, two dozen a day.
  factor: { free: 5, cap: 3600, forget: 86_400 },
  'factor-device': { free: 5, cap: 3600, forget: 86_400 },
  'factor-session': { free: 5, cap: 3600, forget: 86_400 },
  // Mails to people who are no one's yet.
  invitation: { free: 20, cap: 300, forget: 3600 },
  // Many people may share one address.
  address: { free: 20, cap: 300, forget: 3600 },
  'recovery-account': { free: 3, cap: 300, forget: 3600 },
  'recovery-address': { free: 10, cap: 300, forget: 3600 },
  'verification-account': { free: 3, cap: 300, forget: 3600 },
  // Codes of gift cards that are not known. A shop's typing errors do not keep it waiting: most break the check symbol.
  'code-key': { free: 20, cap: 60, forget: 600 },
  'code-address': { free: 20, cap: 60, forget: 600 },
  // Of ten thousand PINs some forty can be tried in a day.
  'balance-card': { free: 5, cap: 3600, forget: 86_400 },
  'balance-address': { free: 20, cap: 300, forget: 3600 },
} as const satisfies Record<string, ThrottleRule>

export type ThrottleKey = { rule: keyof typeof RULES; of: string }

export type Throttle = {
  /**
   * Counts one attempt under every key, or under none.
   * @returns 0, or for how many seconds attempts are refused
   */
  take(db: Database, ...keys: ThrottleKey[]): Promise<number>
  /** Without counting one: 0, or for how many seconds attempts under one of the keys are refused. */
  pause(sql: Sql, ...keys: ThrottleKey[]): Promise<number>
  clear(sql: Sql, key: ThrottleKey): Promise<void>
  giveBack(sql: Sql, key: ThrottleKey): Promise<void>
}

class Refused extends Error {
  readonly seconds: number

  constructor(seconds: number) {
    super('too many attempts')
    this.seconds = seconds
  }
}

/** Counters in the database, shared by all processes, under keyed hashes: the table is no list of who tried to sign in. */
export function createThrottle(keyring: Keyring): Throttle {
  const secret = keyring.derive('throttle')
  const hashOf = ({ rule, of }: ThrottleKey) =>
    createHmac('sha256', secret)
      .update(`${rule}\n${rule.endsWith('address') ? networkOf(of) : of}`)
      .digest()

  return {
    async take(db, ...keys) {
      try {
        // In the order given, which is the same everywhere: addresses before accounts. So no two wait for each other.
        await db.transaction(async (sql) => {
          for (const key of keys) {
            const seconds = await takeAttempt(sql, hashOf(key), RULES[key.rule])
            if (seconds > 0) throw new Refused(seconds)
          }
        })
        return 0
      } catch (error) {
        if (error instanceof Refused) return error.seconds
        throw error
      }
    },
    pause: (sql, ...keys) => readPause(sql, keys.map(hashOf)),
    clear: (sql, key) => clearAttempts(sql, hashOf(key)),
    giveBack: (sql, key) => giveAttemptBack(sql, hashOf(key)),
  }
}
