import type { SigningScheme } from '../types.ts'

/** A text with places for values: those of the recipe by their names, `signature`, and secrets of the environment. */
export type Template = readonly (string | { value: string } | { environment: string })[]

/** A signed request, told so that a program in any language can be written from it. */
export type Recipe = {
  scheme: SigningScheme
  /** The environment variable of the secret, and how its text becomes a key. */
  secret: { variable: string; form: 'text' | 'hex' | 'whsec' | 'pem-file' }
  /** The pieces, in the order of their making. The names are words of lower-case letters joined by dashes. */
  values: readonly { name: string; text: string; encode?: 'base64url' }[]
  /** The names of the values that are signed, and what stands between them. */
  message: { of: readonly string[]; join: { text: string } | 'secret' }
  digest: 'hmac' | 'sha256' | 'es256'
  spelling: 'hex' | 'hex-upper' | 'base64' | 'base64url'
  request: {
    method: string
    url: Template
    headers: readonly (readonly [name: string, value: Template])[]
    body: Template | null
  }
}

export const value = (name: string) => ({ value: name })

/** `header.payload.signature`, the first two being values of these names. */
export const tokenTemplate: Template = [value('header'), '.', value('payload'), '.', value('signature')]
