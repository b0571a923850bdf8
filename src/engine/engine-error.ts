/** A start that cannot go on. The message is one line for the person at the terminal: what is wrong and what to do. */
export class EngineError extends Error {
  override name = 'EngineError'
}

const explanations: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  // Node says so of a folder that cannot be made on a read-only file system, too.
  ENOENT: 'it is not there and cannot be made',
  ENOTDIR: 'it is not a folder',
}

/** Runs file work on `path`; its system errors become an EngineError that says which thing failed and why. */
export async function explained<T>(doing: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (error instanceof EngineError || code === undefined) throw error
    const why = explanations[code] ?? code
    throw new EngineError(`cannot ${doing} ${path}: ${why}; put that right, or name another folder in BILLFOLD_HOME`)
  }
}
