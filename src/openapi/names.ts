import type { OpenApiDocument } from './document.ts'

/** Every protocol that has a document, in the order in which they are listed. */
export const API_NAMES = ['webwallet', 'oauth', 'walleo', 'tillo', 'pledg', 'jackpot', 'admin'] as const
export type ApiName = (typeof API_NAMES)[number]

export const isApiName = (text: string): text is ApiName => (API_NAMES as readonly string[]).includes(text)

/** Makes each document when it is asked for. */
export type ApiDocuments = Readonly<Record<ApiName, () => Promise<OpenApiDocument>>>
