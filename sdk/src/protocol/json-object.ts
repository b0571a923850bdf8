import { ExactJsonError } from './errors.ts'
import { type JsonObject, parseExactJson } from './exact-json.ts'

/** Whether a value of a JSON text is an object: neither null nor a list. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** An object out of exact JSON, 32 levels deep at most; null: it is none. */
export function readJsonObject(text: string): JsonObject | null {
  try {
    const value = parseExactJson(text, { depth: 32 })
    return isJsonObject(value) ? value : null
  } catch (error) {
    if (error instanceof ExactJsonError) return null
    throw error
  }
}
