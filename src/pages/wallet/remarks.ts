import { html } from 'hono/html'
import { AmountError, parseAmountOrZero } from '../../domain/money.ts'
import type { Content } from '../components.ts'
import { formatMoney } from '../format.ts'
import type { Language } from '../messages.ts'
import { historyWords as words } from './history-words.ts'
import { words as common } from './words.ts'

/** What a caller said about a movement or an invoice. */
export type Remarks = {
  description: string | null
  details: Record<string, unknown> | null
  metadata: Record<string, unknown> | null
}

type Unit = { code: string; exponent: number }

const PARTS = ['subtotal', 'taxes', 'fees', 'other'] as const

/** @param payload JSON text of the books */
export function readRemarks(payload: string): Remarks {
  const { description, details, metadata } = JSON.parse(payload) as Record<string, unknown>
  return {
    description: typeof description === 'string' && description !== '' ? description : null,
    details: asObject(details),
    metadata: asObject(metadata),
  }
}

/** The facts that there are: a text, what the amount is made of, and whatever else the other side's program added. */
export function remarksFacts(remarks: Remarks, unit: Unit, language: Language): [string, Content][] {
  const { description, details, metadata } = remarks
  const facts: [string, Content][] = []
  if (description) facts.push([common(language, 'description'), description])
  for (const part of PARTS) {
    const amount = partAmount(details?.[part], unit)
    if (amount !== null) facts.push([words(language, part), formatMoney(amount, unit, language)])
  }
  const data = Object.entries(metadata ?? {})
  if (data.length > 0) {
    const lines = data.map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    facts.push([words(language, 'metadata'), html`<span class="data">${lines.join('\n')}</span>`])
  }
  return facts
}

function partAmount(value: unknown, { exponent }: Unit): bigint | null {
  if (typeof value !== 'number' && typeof value !== 'string') return null
  try {
    return parseAmountOrZero(value, exponent)
  } catch (error) {
    if (error instanceof AmountError) return null
    throw error
  }
}

function asObject(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null
}
