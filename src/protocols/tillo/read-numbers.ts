import { TilloProblem } from './errors.ts'

type Reviver = (this: unknown, name: string, value: unknown, context?: { source?: string }) => unknown

/** Refuses a body with a number such as `1e2`: no amount of the API is written so, and `1e2` and 100 would be one. */
export function refuseExponents(text: string): void {
  // Nearly every body is told to be fine by this look; letters inside texts are told from numbers by the next one.
  if (!/\d[eE]/.test(text)) return
  const refuse: Reviver = (name, value, context) => {
    if (typeof value === 'number' && /e/i.test(context?.source ?? ''))
      throw new TilloProblem('433', 'Numbers are written without an exponent', {
        data: { [name]: ['must be written without an exponent'] },
      })
    return value
  }
  JSON.parse(text, refuse)
}
