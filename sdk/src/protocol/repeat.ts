/** What one attempt at a call came to. */
export type Attempt<T> =
  | { done: true; value: T }
  | {
      done: false
      error: PartnerFailure
      /** `soon`: an accident, try again at once; `later`: the server is at work, come back; `never`: it is settled. */
      repeat: 'never' | 'soon' | 'later'
      /** Milliseconds that the server asks for. */
      wait?: number | undefined
    }

/** An error that says whether the request may have had its effect. */
export type PartnerFailure = Error & { readonly applied: 'no' | 'unknown' }

/** How often an attempt without a usable answer is repeated, and after which pause. */
export type RepeatOptions = {
  /** How often an attempt without a usable answer is repeated; 2. */
  times?: number
  /** Milliseconds before the first repetition, doubling, up to 10 seconds; 200. */
  delay?: number
}

/** How long to wait for a server that says that it is busy. */
export type ComeBackOptions = {
  /** Milliseconds before the first return to a server that is still at work. */
  first?: number
  /** Milliseconds before each further return. */
  next?: number
  /** Milliseconds to spend waiting for it in all; 0 gives up at once. */
  patience?: number
}

export type RepeatPolicy = { repeat: Required<RepeatOptions>; comeBack: Required<ComeBackOptions> }

const longestDelay = 10_000

/**
 * Makes attempts until one settles the call, or the policy is used up. Every attempt is given whether an earlier one may have had
 * its effect, because then a refusal that is only about this moment (a bad clock, a rate limit) does not say that nothing was
 * done. Throws the last attempt's error.
 */
export async function untilSettled<T>(
  attempt: (earlier: { applied: 'no' | 'unknown' }) => Promise<Attempt<T>>,
  { repeat, comeBack }: RepeatPolicy,
  signal?: AbortSignal,
): Promise<T> {
  let accidents = 0
  let returns = 0
  let waited = 0
  let applied: 'no' | 'unknown' = 'no'
  for (;;) {
    const outcome = await attempt({ applied })
    if (outcome.done) return outcome.value
    const { error } = outcome
    if (error.applied === 'unknown') applied = 'unknown'
    if (outcome.repeat === 'never') throw error
    if (outcome.repeat === 'soon') {
      if (accidents >= repeat.times) throw error
      const asked = outcome.wait ?? repeat.delay * 2 ** accidents * (0.5 + Math.random() / 2)
      accidents++
      await sleep(Math.min(asked, longestDelay), signal)
    } else {
      const wait = outcome.wait ?? (returns === 0 ? comeBack.first : comeBack.next)
      if (waited + wait > comeBack.patience) throw error
      returns++
      waited += wait
      await sleep(wait, signal)
    }
  }
}

/** Ends early when the signal fires; the attempt that follows finds the signal by itself. */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    if (signal?.aborted) end()
    else signal?.addEventListener('abort', end)
  })
}
