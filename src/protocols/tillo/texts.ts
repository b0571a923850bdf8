import type { Brand } from '../../storage/brands.ts'

/** What a brand's texts say for this protocol alone, in their member `tillo`. */
export type TilloTexts = {
  /** cards of plastic may be ordered and activated */
  physical: boolean
  /** slug of the partner that prints and sends them, besides whoever ordered */
  fulfilment: string | null
  /** for test partners, values that spell an error's code are answered with it */
  errors: boolean
  /** a link with which the holder chooses among these brands */
  choices: readonly string[] | null
}

export function tilloTexts({ texts }: Brand): TilloTexts {
  const own = isObject(texts.tillo) ? texts.tillo : {}
  const choices = Array.isArray(own.choices) ? own.choices.filter((it) => typeof it === 'string') : null
  return {
    physical: own.physical === true,
    fulfilment: typeof own.fulfilment === 'string' ? own.fulfilment : null,
    errors: own.errors === true,
    choices: own.type === 'choice-link' ? (choices ?? []) : null,
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
