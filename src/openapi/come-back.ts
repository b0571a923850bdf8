import type { Header } from './document.ts'

/** What tells how long to wait, for the document's components. */
export const COMEBACK: Record<string, Header> = {
  RetryAfter: {
    description: 'Whole seconds after which the request is taken again (RFC 9110 section 10.2.3)',
    schema: { type: 'integer', minimum: 1 },
    example: 1,
  },
}

/** Whether refusals of a status say when to come back. */
export const comesBack = (status: string | number): boolean => Number(status) === 429 || Number(status) === 503

/** The headers of such a refusal, by reference to the components. */
export const retryAfter = { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } } as const
