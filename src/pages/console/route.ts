import type { Deps } from '../../deps.ts'
import type { Assets } from '../assets.ts'
import type { PageContext } from '../env.ts'
import type { FactorQuestion } from '../factors/fields.ts'
import type { Language } from '../messages.ts'
import type { UploadedFile } from '../upload.ts'

/**
 * `operator` runs the installation. The others are of a business: a `viewer` looks, a `member` works, an `owner` also has the keys
 * and the team.
 */
export type Role = 'operator' | 'owner' | 'member' | 'viewer'

export const EVERYONE: readonly Role[] = ['operator', 'owner', 'member', 'viewer']
export const OPERATORS: readonly Role[] = ['operator']
export const BUSINESS: readonly Role[] = ['owner', 'member', 'viewer']

/** Who is in the console. A business sees what belongs to its party and nothing else. */
export type ConsoleUser = {
  readonly email: string
  readonly name: string
  readonly partyId: string
  readonly sessionId: string
  readonly role: Role
}

export type ConsoleDeps = Deps & { assets: Assets }

/** One request whose sender may make it. */
export type ConsoleCall = {
  readonly c: PageContext
  readonly user: ConsoleUser
  readonly language: Language
  readonly query: URLSearchParams
  /** of a post: its fields, `csrf`, `password` and what proves a second factor not among them */
  readonly form: ReadonlyMap<string, string>
  /** of a post that takes one: the file, which is read as it comes in; null: none was chosen */
  readonly file: UploadedFile | null
  /** a part of the path */
  param(name: string): string
  /** who acts, for operations and the ledger: `person:EMAIL`, or `operator:EMAIL` */
  readonly actor: string
  /** Adds to what the log of acts keeps of this one. Never a secret. */
  note(detail: Record<string, string | number | boolean | null>): void
  /** of a page that asks for the password: what was wrong with the one before */
  readonly passwordProblem: string | null
  /** the same of the second factor */
  readonly factorProblem: string | null
  /** what is asked beside the password; null: this person has no second factor */
  readonly factorQuestion: FactorQuestion | null
}

/** A page's script sends a file by itself, to show how far it is; it is answered in JSON with what is wrong, or where to go on. */
export const isScript = ({ c }: ConsoleCall): boolean => c.req.header('accept') === 'application/json'

/** A page or an act of the console. The tables of routes are what the server mounts and what the tests try with every role. */
export type ConsoleRoute = {
  readonly method: 'get' | 'post'
  /** below `/console`; '' is the first page */
  readonly path: string
  readonly who: readonly Role[]
  /** of a post: its name in the log of acts, e.g. `partner.rotate-credential` */
  readonly act?: string
  /**
   * The act asks for the password again, and for the second factor where there is one (fields made by `passwordField`). A page under the same path must stand beside it:
   * it names the effect, and is shown again when the password is wrong. A function says it of one sending, where some of what a form
   * changes is dangerous and some is not.
   */
  readonly dangerous?: boolean | ((deps: ConsoleDeps, call: ConsoleCall) => Promise<boolean>)
  /** of a post whose form has a file: its largest size in bytes */
  readonly upload?: number
  handle(deps: ConsoleDeps, call: ConsoleCall): Promise<Response>
}
