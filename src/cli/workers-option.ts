import { readWorkers } from '../config.ts'
import { UsageError } from './command.ts'

/**
 * The environment with what `--workers` says in it, for this process and the workers after it.
 * @throws {UsageError}
 */
export function withWorkers(env: NodeJS.ProcessEnv, option: string | undefined): NodeJS.ProcessEnv {
  if (option === undefined) return env
  try {
    readWorkers(option, !env.DATABASE_URL)
  } catch (error) {
    throw new UsageError(`--workers ${(error as Error).message}`)
  }
  return { ...env, WORKERS: option }
}
