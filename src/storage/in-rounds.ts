/** Rows of one statement: few enough that none holds its locks for long. */
const AT_MOST = 5_000
/** 200,000 rows a run: once a minute that is 3,000 a second, more than a server makes. */
const MOST_ROUNDS = 40

/**
 * Deletes again and again for as long as there is more than one statement takes, so that what is made faster than one statement
 * a run deletes does not pile up.
 * @param some deletes at most `limit` rows. @returns rows deleted
 */
export async function inRounds(some: (limit: number) => Promise<number>): Promise<number> {
  let deleted = 0
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    const now = await some(AT_MOST)
    deleted += now
    if (now < AT_MOST) break
  }
  return deleted
}
