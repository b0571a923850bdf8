/** One command of the CLI: what its module exports. What can be called, and how, stands in `table/`. */
export type Command = {
  /** @returns the exit status: 0 done, 1 failed or refused, 2 wrong usage */
  run(args: string[]): Promise<number>
}

/** The call itself is wrong; the help page follows the message. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** A failure that its message explains whole: printed in one line, without a stack. */
export class PlainError extends Error {
  override name = 'PlainError'
  readonly plain = true
}
