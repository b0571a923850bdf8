/** Tells the worker of this process that there is something to do now, so that nobody waits for its next round. */
export type OrderBell = {
  ring(): void
  /**
   * Calls `listener` at the next ring, once; at once when it rang since the last listener. One listener at a time.
   * @returns takes the listener away
   */
  next(listener: () => void): () => void
}

export function createOrderBell(): OrderBell {
  let rung = false
  let waiting: (() => void) | null = null
  return {
    ring() {
      const listener = waiting
      waiting = null
      if (listener) listener()
      else rung = true
    },
    next(listener) {
      if (rung) {
        rung = false
        queueMicrotask(listener)
        return () => {}
      }
      waiting = listener
      return () => {
        if (waiting === listener) waiting = null
      }
    },
  }
}
