import { randomUUID } from 'node:crypto'

/**
 * A version 7 UUID (RFC 9562 section 5.7): 48 bits of milliseconds, then random bits. Rows with such ids are inserted at the
 * end of their index. Nothing may rely on their order: clocks of several processes differ.
 */
export function uuidV7(now: number): string {
  const time = now.toString(16).padStart(12, '0')
  // randomUUID draws from a pool and is far cheaper than formatting random bytes; its variant bits are already right.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`
}
