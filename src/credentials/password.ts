import { hash, verify } from '@node-rs/argon2'

// OWASP's smallest recommended setting; more memory would let a few sign-ins at once exhaust a small machine.
// algorithm 2 is Argon2id: the package's const enum is not there without a compiler.
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1, algorithm: 2 } as const
const AT_ONCE = 2
const MOST_WAITING = 100

/** Too many sign-ins at once: answer 503 and let the caller come back. */
export class PasswordsBusy extends Error {
  override name = 'PasswordsBusy'
}

export type Passwords = {
  /** The encoded Argon2id hash, salt and cost included. @throws {PasswordsBusy} */
  hash(password: string): Promise<string>
  /** False for a wrong password, and, after the same work, when there is no such user (null). @throws {PasswordsBusy} */
  verify(stored: string | null, password: string): Promise<boolean>
}

/** One per process: it is what bounds the memory and the cores that passwords may take. */
export function createPasswords(): Passwords {
  let running = 0
  const waiting: (() => void)[] = []

  async function bounded<T>(work: () => Promise<T>): Promise<T> {
    if (running >= AT_ONCE) {
      if (waiting.length >= MOST_WAITING) throw new PasswordsBusy('too many sign-ins at once')
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else {
      running += 1
    }
    try {
      return await work()
    } finally {
      // The place is handed to the next in line, so that a newcomer cannot slip in between.
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }

  let nobody: Promise<string> | undefined

  return {
    hash: (password) => bounded(() => hash(password, COST)),
    async verify(stored, password) {
      if (stored !== null) return bounded(() => verify(stored, password))
      nobody ??= hash('nobody has this password', COST)
      const decoy = await nobody
      await bounded(() => verify(decoy, password))
      return false
    },
  }
}
