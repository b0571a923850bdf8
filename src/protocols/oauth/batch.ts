/**
 * Work that arrives while earlier work is under way is done together: many grants, one statement, one commit. Nothing waits
 * when nothing is under way.
 */
export function createBatch<Item, Result>(
  run: (items: Item[]) => Promise<Result[]>,
  options: { largest: number },
): (item: Item) => Promise<Result> {
  type Waiting = { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void }
  let waiting: Waiting[] = []
  let running = false

  async function drain() {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, options.largest)
      waiting = waiting.slice(options.largest)
      try {
        const results = await run(batch.map(({ item }) => item))
        batch.forEach(({ resolve }, index) => {
          resolve(results[index] as Result)
        })
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    running = false
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (running) return
      running = true
      // One turn of the event loop: requests that were read together go together.
      setImmediate(drain)
    })
}
