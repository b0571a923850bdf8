/** A JSON Schema of the dialect that OpenAPI 3.1 has. */
export type JsonSchema = {
  $ref?: string
  type?: string | string[]
  description?: string
  enum?: unknown[]
  const?: unknown
  properties?: Record<string, JsonSchema>
  required?: string[]
  items?: JsonSchema
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  allOf?: JsonSchema[]
  additionalProperties?: boolean | JsonSchema
  examples?: unknown[]
  [keyword: string]: unknown
}

export type Example = { summary?: string; value: unknown }
export type Media = { schema?: JsonSchema; examples?: Record<string, Example> }
export type Content = Record<string, Media>

export type Parameter = {
  name: string
  in: 'path' | 'query' | 'header'
  required?: boolean
  description?: string
  schema?: JsonSchema
  example?: unknown
}

export type Header = { $ref?: string; description?: string; schema?: JsonSchema; example?: unknown }

export type ApiResponse = { $ref?: string; description?: string; headers?: Record<string, Header>; content?: Content }

/** Any of these opens an operation; the members of one are needed together. */
export type Requirement = Record<string, readonly string[]>

export type Operation = {
  operationId: string
  tags: string[]
  summary: string
  description?: string
  security?: Requirement[]
  parameters?: Parameter[]
  requestBody?: { description?: string; required?: boolean; content: Content }
  responses: Record<string, ApiResponse>
  /** how a program signs this request, for those that are made of the document */
  'x-signing'?: Signing
}

export type PathItem = {
  parameters?: Parameter[]
  servers?: { url: string }[]
  /** other spellings of the path, which are the same route */
  'x-also'?: string[]
} & Partial<Record<Method, Operation>>

export const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const
export type Method = (typeof METHODS)[number]

/** What of a request is signed, and where the signature goes. */
export type Signing =
  | { scheme: 'webwallet' }
  | { scheme: 'walleo' }
  /** the endpoint and the fields of the string to sign */
  | { scheme: 'tillo'; endpoint: string; fields: string[] }
  /** the query's `signature` is a token of this payload; the time after which it is void is put in when it is signed */
  | { scheme: 'pledg'; payload: object }
  /** the member of the body that is a token of these claims; time and key are put in when it is signed */
  | { scheme: 'jackpot'; member: string; claims: object }

export type SecurityScheme = {
  type: 'http' | 'apiKey' | 'oauth2'
  description: string
  scheme?: string
  bearerFormat?: string
  in?: string
  name?: string
  flows?: object
}

/** One row of a protocol's table of errors. */
export type ErrorRow = { code: string; status: number[]; meaning: string }

/** An OpenAPI 3.1 document, as far as ours use that language. */
export type OpenApiDocument = {
  openapi: '3.1.0'
  info: {
    title: string
    version: string
    summary: string
    description: string
    license: { name: string; identifier: string }
  }
  servers: { url: string; description?: string }[]
  security: Requirement[]
  tags: { name: string; description: string }[]
  paths: Record<string, PathItem>
  components: {
    securitySchemes: Record<string, SecurityScheme>
    schemas: Record<string, JsonSchema>
    responses?: Record<string, ApiResponse>
    headers?: Record<string, Header>
  }
  /** every code that the protocol refuses with */
  'x-errors': ErrorRow[]
}

export type ListedOperation = {
  method: Method
  path: string
  item: PathItem
  operation: Operation
}

/** Every operation of a document, in its order. */
export const operationsOf = ({ paths }: OpenApiDocument): ListedOperation[] =>
  Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method]
      return operation ? [{ method, path, item, operation }] : []
    }),
  )

/** What an operation takes beside its body: its own parameters stand before those of its path. */
export function parametersOf({ item, operation }: Pick<ListedOperation, 'item' | 'operation'>): Parameter[] {
  const key = ({ name, in: where }: Parameter) => `${where} ${name}`
  const all = [...(item.parameters ?? []), ...(operation.parameters ?? [])]
  return [...new Map(all.map((parameter) => [key(parameter), parameter])).values()]
}

/** A schema or response itself, where it is only named. */
export function resolve<Value extends { $ref?: string }>(document: OpenApiDocument, value: Value): Value {
  if (value.$ref === undefined) return value
  const [, , kind, name] = value.$ref.split('/')
  const found = (document.components as Record<string, Record<string, unknown>>)[kind ?? '']?.[name ?? '']
  if (!found) throw new Error(`the document has no ${value.$ref}`)
  return found as Value
}
