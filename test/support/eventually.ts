import { setTimeout as delay } from 'node:timers/promises'

/**
 * Waits until something is so. Every wait of a test has an end, so that what never comes is a failure with a name and no hang.
 * @param options.within ms
 * @param options.every ms
 * @param options.otherwise what is to be told when it never was so, beside what was waited for
 */
export async function eventually(
  what: () => unknown,
  {
    within = 20_000,
    every = 20,
    otherwise = () => '',
  }: { within?: number; every?: number; otherwise?: () => unknown } = {},
): Promise<void> {
  const end = performance.now() + within
  while (!(await what())) {
    if (performance.now() > end) throw new Error(`it did not come true: ${what} ${await otherwise()}`)
    await delay(every)
  }
}
