/** So many callers are known; more than that begin anew. */
const CAPACITY = 50_000

/**
 * Counts what each caller asks for in windows of one length, each of which begins with a caller's first request. Every process counts for itself: it costs no query, and bounds
 * what one caller can make a server keep.
 * @param options.length of a window; ms
 * @param options.clock ms that only rise
 * @returns counts one request of a caller: 0, or for how many seconds it is refused
 */
export function createRateWindow(options: { limit: number; length: number; clock: () => number }) {
  const { limit, length, clock } = options
  const windows = new Map<string, { from: number; count: number }>()

  return function take(caller: string): number {
    const now = clock()
    let window = windows.get(caller)
    if (!window || now - window.from >= length) {
      if (!window && windows.size >= CAPACITY) windows.clear()
      window = { from: now, count: 0 }
      windows.set(caller, window)
    }
    window.count += 1
    return window.count <= limit ? 0 : Math.ceil((window.from + length - now) / 1000)
  }
}
