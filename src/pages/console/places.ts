import type { Language } from '../messages.ts'
import type { Role } from './route.ts'

/** A place in the console's navigation. */
export type ConsolePlace = {
  /** names it: a page says by it where it is */
  readonly id: string
  /** below `/console` */
  readonly path: string
  readonly group: 'money' | 'cards' | 'checkout' | 'access' | 'watch' | null
  readonly who: readonly Role[]
  readonly label: Readonly<Record<Language, string>>
}
