export type Cleanup = {
  /** @param undo what is done at the end, before all that was handed in earlier */
  later(undo: () => Promise<unknown>): void
  run(): Promise<void>
}

/** What must be done in the end, however far things came. */
export function createCleanup(): Cleanup {
  const steps: (() => Promise<unknown>)[] = []
  return {
    later: (undo) => void steps.push(undo),
    async run() {
      for (const undo of steps.splice(0).reverse()) await undo().catch((error) => console.error(error))
    },
  }
}
