import type { z } from 'zod'
import type { Example, Requirement, SecurityScheme, Signing } from './document.ts'

/** A code of the protocol's table, with the statuses that it comes with, the usual one first. */
export type ErrorFacts = { readonly http: number | readonly number[]; readonly meaning: string }

export type PathParameter = { readonly description: string; readonly example?: string; readonly pattern?: string }

export type ApiAnswer = {
  readonly description: string
  /** absent: an answer without a body */
  readonly schema?: z.ZodType
  /** of the body; JSON where it is absent */
  readonly type?: string
  readonly example?: unknown
}

export type ApiBody = {
  /** the one that the route validates with */
  readonly schema: z.ZodType
  /** JSON where it is absent; several are the same fields in other clothes */
  readonly types?: readonly string[]
  /** that it may be left out */
  readonly optional?: true
  readonly description?: string
  readonly examples: Readonly<Record<string, Example>>
}

/** One route as it is documented. */
export type ApiOperation<Code extends string = string> = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** below the server, with parameters in braces */
  readonly path: string
  /** further spellings of the same route */
  readonly also?: readonly string[]
  /** where the path is served; absent: below each of the document's servers */
  readonly servers?: readonly { url: string }[]
  readonly id: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  /** of the path's parameters, where another than the usual one fits */
  readonly places?: Readonly<Record<string, string>>
  /** absent: the document's; none: nothing is to be proven */
  readonly security?: readonly Requirement[]
  /** an object of texts, which the route validates the query with */
  readonly query?: z.ZodType
  readonly headers?: z.ZodType
  readonly body?: ApiBody
  /** by status, or `default` */
  readonly answers: Readonly<Record<string, ApiAnswer>>
  /** what it may be refused with */
  readonly errors: readonly Code[]
  /** codes that come with another status than the usual one, by that status */
  readonly unusual?: Readonly<Record<number, readonly Code[]>>
  /** what the parameter `signature` of the query is a token of */
  readonly signedPayload?: z.ZodType
  readonly signing?: Signing
}

/** A protocol as it is documented: `createDocument` makes the document of it. */
export type Api<Code extends string = string> = {
  readonly title: string
  readonly summary: string
  /** paragraphs of Markdown */
  readonly description: readonly string[]
  readonly servers: readonly { url: string; description?: string }[]
  readonly tags: Readonly<Record<string, string>>
  readonly securitySchemes: Readonly<Record<string, SecurityScheme>>
  readonly security: readonly Requirement[]
  /** by their names, which mean the same in every path */
  readonly pathParameters: Readonly<Record<string, PathParameter>>
  /** schemas that are to have a name of their own */
  readonly schemas: Readonly<Record<string, z.ZodType>>
  readonly errors: Readonly<Record<Code, ErrorFacts>>
  /** of the body of every refusal */
  readonly errorSchema: z.ZodType
  readonly errorExample: (code: Code, facts: ErrorFacts) => unknown
  /** codes whose refusals have a body of another form */
  readonly otherErrors?: { readonly codes: readonly Code[]; readonly schema: z.ZodType; example(code: Code): unknown }
  readonly operations: readonly ApiOperation<Code>[]
}
