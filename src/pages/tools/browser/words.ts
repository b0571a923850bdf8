import { fillIn } from '#sdk/explain/fill-in.ts'
import type { BrowserWords } from '../browser-words.ts'
import { byId } from './dom.ts'

/** The page's texts, in its language: a module of its own, which the server makes of its catalogue. */
export const words: BrowserWords = (await import(byId('builder').dataset.words ?? '')).default

/** A text of the script's own. */
export const say = (key: keyof BrowserWords['script'], values: Record<string, string> = {}): string =>
  fillIn(words.script[key], values)

/** What a field is called in a scheme. */
export function fieldName(scheme: string, field: string): string {
  const names: Record<string, string> = words.fields
  return names[`${field}.${scheme}`] ?? names[field] ?? field
}
