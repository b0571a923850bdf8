const CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  // the embedded server's socket while it starts again
  'ENOENT',
  // read-only: a primary that was replaced
  '25006',
  '53300',
  '57P01',
  '57P02',
  '57P03',
])

// What the driver says of a connection that it lost or could not get in time; these errors carry no code.
const MESSAGES =
  /^(Connection terminated|timeout expired|timeout exceeded when trying to connect|Client has encountered a connection error)/

/** Whether a query failed because the database could not be reached, so that the same may work a moment later. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code } = error as NodeJS.ErrnoException
  return code === undefined ? MESSAGES.test(error.message) : CODES.has(code) || code.startsWith('08')
}
