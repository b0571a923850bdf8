import type { Pasted } from '../paste/pasted.ts'
import type { Recipe } from '../snippets/recipe.ts'
import type { Diagnosis, Explanation, Finding, SigningValues } from '../types.ts'

/** One scheme: its signature in steps, the same as a recipe for programs, and what is wrong with a request. */
export type Scheme = {
  /** @param now milliseconds since the epoch, where no time was filled in. @throws {ExplainError} */
  explain(values: SigningValues, now: number): Promise<Explanation>
  /** @throws {ExplainError} */
  recipe(values: SigningValues, now: number): Promise<Recipe>
  /** @throws {ExplainError} where the secret to check with is missing */
  diagnose(pasted: Pasted, values: SigningValues, now: number): Promise<Diagnosis>
}

export const diagnosis = (
  findings: readonly Finding[],
  stringToSign: string | null = null,
  expected: string | null = null,
): Diagnosis => ({ valid: findings.length === 0, findings: [...findings], stringToSign, expected })
