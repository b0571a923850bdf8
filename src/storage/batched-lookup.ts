/** How many keys one query asks for. */
const MOST = 500

/**
 * Answers look-ups that arrive together by one query: while one is under way the next ones gather. A look-up sees whatever was
 * committed before it was asked for, because it only ever joins a query that is still to be sent.
 * @param load values in the order of the keys
 */
export function createBatchedLookup<K, V>(
  load: (keys: readonly K[]) => Promise<readonly (V | undefined)[]>,
): (key: K) => Promise<V | undefined> {
  type Waiting = { key: K; resolve: (value: V | undefined) => void; reject: (error: unknown) => void }
  const gathered: Waiting[] = []
  let busy = false

  async function run(): Promise<void> {
    busy = true
    while (gathered.length > 0) {
      const batch = gathered.splice(0, MOST)
      try {
        const values = await load(batch.map(({ key }) => key))
        batch.forEach(({ resolve }, i) => {
          resolve(values[i])
        })
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    busy = false
  }

  return (key) =>
    new Promise((resolve, reject) => {
      gathered.push({ key, resolve, reject })
      // In the next turn, so that those who ask in this one come along.
      if (!busy && gathered.length === 1) setImmediate(run)
    })
}
