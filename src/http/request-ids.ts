import { randomBytes } from 'node:crypto'

/** Short names of requests, unique across processes and restarts: a random prefix and a count. */
export function createRequestIds(): () => string {
  const prefix = randomBytes(5).toString('hex')
  let count = 0
  return () => `${prefix}-${(++count).toString(36)}`
}
