import { userInfo } from 'node:os'
import { KeyringError } from '../credentials/keyring.ts'
import { LedgerUnavailable } from '../ledger/command.ts'
import { HeadFileError } from '../ledger/head-file.ts'
import { OperationRefusal } from '../operations/input.ts'
import { PlainError } from './command.ts'

/** What a database that is not there, or does not let us in, says. */
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  '28000',
  '28P01',
  '3D000',
  '53300',
  '57P03',
])

/** Turns refusals and outages, which their message explains whole, into errors that are printed in one line. */
export async function plainly<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof OperationRefusal) throw new PlainError(`${error.field}: ${error.message}`, { cause: error })
    if (error instanceof LedgerUnavailable || error instanceof KeyringError || error instanceof HeadFileError) {
      throw new PlainError(error.message, { cause: error })
    }
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== undefined && UNREACHABLE.has(code)) {
      throw new PlainError(`the database cannot be reached: ${message || code}`, { cause: error })
    }
    throw error
  }
}

/** In whose name the command line acts, for the ledger. */
export function actorName(): string {
  try {
    return `cli:${userInfo().username}`
  } catch {
    return `cli:${process.getuid?.() ?? 'unknown'}`
  }
}
