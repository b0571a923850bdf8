import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../../config.ts'
import type { PageSession } from '../env.ts'

/** A credential of the sandbox by its place in `sandbox.json`, such as `walleo.api_key`. */
export type SandboxValues = (place: string) => string | undefined

/** The sandbox's credentials, for its operator and nobody else; null for everybody else, and on any other server. */
export async function sandboxValues(
  { mode, home }: Pick<Config, 'mode' | 'home'>,
  session: PageSession | null,
): Promise<SandboxValues | null> {
  if (mode !== 'sandbox' || !session?.operator || session.mustSecure) return null
  let file: unknown
  try {
    file = JSON.parse(await readFile(join(home, 'sandbox.json'), 'utf8'))
  } catch {
    return null
  }
  return (place) => {
    let at = file
    for (const name of place.split('.')) {
      if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined
      at = (at as Record<string, unknown>)[name]
    }
    return typeof at === 'string' ? at : undefined
  }
}
