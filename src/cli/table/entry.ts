/** One way to call a command: what stands after its name, what that does, and calls that a test reads or runs. */
export type Form = {
  /** begins with a verb, in small letters */
  summary: string
  /**
   * The arguments as the help shows them: `ID --party PARTY [--upper AMOUNT|none] [--scope SCOPE]…`. Everything else is read
   * from it: which options there are, which take a value, which words a value can be (those in small letters), which may be
   * given again (`…`).
   */
  usage: string
  /** whole lines for a shell; with continuation lines where they are long */
  examples: readonly [string, ...string[]]
  /** read by the command although the help does not offer them: what they get is a better refusal */
  unlisted?: readonly string[]
}

export type CommandEntry = {
  /** what the list of commands says */
  summary: string
  /** the command without a verb, where it can be called so */
  form?: Form
  /** what stands for a verb in the help, where it is another word */
  called?: string
  /** by verb; one of two words has a blank between them */
  verbs?: Readonly<Record<string, Form>>
  /** what holds for all verbs, below the list of them; lines of at most 120 characters */
  about?: string
}

/** What every command that lists takes. */
export const PAGE = '[--limit N] [--cursor CURSOR]'
