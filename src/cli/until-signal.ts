/** Resolves at the first SIGINT, SIGTERM or SIGHUP; from the call on, none of them ends the process by itself. */
export function untilSignal(): { promise: Promise<NodeJS.Signals> } {
  return {
    promise: new Promise((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, resolve)
    }),
  }
}
