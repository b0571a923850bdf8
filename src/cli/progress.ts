const WIDTH = 30
const INTERVAL = 100

export type Progress = {
  update(label: string, done: number, of: number): void
  /** Takes the bar away. */
  end(): void
}

type Stream = Pick<NodeJS.WriteStream, 'isTTY' | 'write'>

/** A bar on standard error, drawn at most ten times a second; nothing at all where that is no terminal. */
export function createProgress(stream: Stream = process.stderr, clock: () => number = Date.now): Progress {
  if (!stream.isTTY) return { update() {}, end() {} }
  let drawn = 0
  return {
    update(label, done, of) {
      if (clock() - drawn < INTERVAL) return
      drawn = clock()
      const part = of > 0 ? Math.min(1, done / of) : 0
      const bar = '#'.repeat(Math.round(part * WIDTH)).padEnd(WIDTH, '.')
      stream.write(`\r\u001b[K[${bar}] ${String(Math.floor(part * 100)).padStart(3)} %  ${label}`)
    },
    end() {
      if (drawn > 0) stream.write('\r\u001b[K')
    },
  }
}
