/** What may follow when an operation takes place in a state, as the documents have it. */
export type Next<S> = { readonly state: S; readonly answer: string }

/** When an attempt was under way, in ms of the real clock, and whether another one was beside it. */
export type During = { readonly from: number; readonly to: number; readonly others: number }

/** One attempt at an operation: what the model says of it, and what its caller heard. */
export type Attempt<S> = During & {
  readonly text: string
  model(state: S, during: During): Next<S>[]
  /** null: none came, so it may have happened or not */
  readonly answer: string | null
  /** its caller was told that nothing was applied */
  readonly never: boolean
}

/**
 * Whether there is an order in which attempts that were started together explain what their callers heard and what is in the books
 * now. Of each chain the attempts come one after the other; what had ended before another began comes before it.
 * @returns the states in which that may have left the model; none: a promise was broken
 */
export function explain<S>(
  worlds: readonly S[],
  chains: readonly (readonly Attempt<S>[])[],
  fits: (state: S) => boolean,
): S[] {
  const found = new Map<string, S>()
  const seen = new Set<string>()
  const done = chains.map(() => 0)

  function go(state: S): void {
    const place = `${done.join()} ${keyOf(state)}`
    if (seen.has(place)) return
    seen.add(place)
    const heads = chains.map((chain, i) => chain[done[i] as number])
    if (heads.every((head) => head === undefined)) {
      if (fits(state)) found.set(keyOf(state), state)
      return
    }
    for (const [i, head] of heads.entries()) {
      if (!head || heads.some((other) => other !== undefined && other.to < head.from)) continue
      done[i] = (done[i] as number) + 1
      if (head.answer === null) go(state)
      if (!head.never) {
        for (const next of head.model(state, head)) {
          if (head.answer === null || head.answer === next.answer) go(next.state)
        }
      }
      done[i] = (done[i] as number) - 1
    }
  }

  for (const world of worlds) go(world)
  return [...found.values()]
}

/** A model's state is plain data: what differs in nothing is one. */
const keyOf = (state: unknown): string => JSON.stringify(state)
