import { html } from 'hono/html'
import type { Markup } from '../layout.ts'

/** What waits stands out, what went well is quiet green, the rest is grey; the word says it without colour, too. */
const TONES = {
  open: 'waiting',
  paid: 'good',
  used: 'good',
  declined: 'over',
  cancelled: 'over',
  revoked: 'over',
  expired: 'over',
} as const

export const stateMark = (state: keyof typeof TONES, word: string): Markup =>
  html`<span class="status ${TONES[state]}">${word}</span>`
