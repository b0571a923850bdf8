import type { z } from 'zod'
import type { Api, ApiAnswer, ApiBody, ApiOperation, ErrorFacts } from './api.ts'
import { COMEBACK, comesBack, retryAfter } from './come-back.ts'
import type {
  ApiResponse,
  Content,
  JsonSchema,
  Method,
  OpenApiDocument,
  Operation,
  Parameter,
  PathItem,
} from './document.ts'
import { nameSchemas, propertiesOf } from './schemas.ts'
import { shareResponses } from './share-responses.ts'

/** The document of a protocol, of the schemas that its routes validate with. The same each time. */
export function createDocument<Code extends string>(api: Api<Code>): OpenApiDocument {
  const named = nameSchemas(api.schemas, [
    ...api.operations.flatMap(({ id, body, answers, signedPayload }) => [
      ...(signedPayload ? [[`${pascal(id)}Payload`, signedPayload] as const] : []),
      ...(body ? [[`${pascal(id)}Request`, body.schema] as const] : []),
      ...Object.values<ApiAnswer>(answers).flatMap(({ schema }) =>
        schema ? [[`${pascal(id)}Answer`, schema] as const] : [],
      ),
    ]),
    ['Error', api.errorSchema],
    ...(api.otherErrors ? [['OtherError', api.otherErrors.schema] as const] : []),
  ])
  const paths: Record<string, PathItem> = {}
  for (const operation of api.operations) {
    const { path, also, servers, method } = operation
    paths[path] ??= {
      ...(also && { 'x-also': [...also] }),
      ...(servers && { servers: [...servers] }),
      ...optional('parameters', pathParameters(api, path)),
    }
    paths[path][method.toLowerCase() as Method] = operationOf(api, operation, named.refer)
  }
  const responses = shareResponses(paths)
  return {
    openapi: '3.1.0',
    info: {
      title: api.title,
      version: '1',
      summary: api.summary,
      description: api.description.join('\n\n'),
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [...api.servers],
    security: [...api.security],
    tags: Object.entries(api.tags).map(([name, description]) => ({ name, description })),
    paths,
    components: { securitySchemes: { ...api.securitySchemes }, schemas: named.schemas, responses, headers: COMEBACK },
    'x-errors': Object.entries<ErrorFacts>(api.errors).map(([code, { http, meaning }]) => ({
      code,
      status: [http].flat(),
      meaning,
    })),
  }
}

const pascal = (id: string) => id.slice(0, 1).toUpperCase() + id.slice(1)

type Refer = (schema: z.ZodType) => JsonSchema

function operationOf<Code extends string>(api: Api<Code>, operation: ApiOperation<Code>, refer: Refer): Operation {
  const { id, tag, summary, description, security, query, headers, body, answers, signing, signedPayload } = operation
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    ...(security && { security: [...security] }),
    ...optional('parameters', [
      ...placesOf(api, operation),
      ...(signedPayload ? [signatureOf(refer(signedPayload))] : []),
      ...parametersOf('query', query),
      ...parametersOf('header', headers),
    ]),
    ...(body && { requestBody: bodyOf(body, refer) }),
    responses: {
      ...Object.fromEntries(
        Object.entries<ApiAnswer>(answers).map(([status, answer]) => [
          status,
          { ...answerOf(answer, refer), ...(comesBack(status) && { headers: retryAfter }) },
        ]),
      ),
      ...refusals(api, operation, refer),
    },
    ...(signing && { 'x-signing': signing }),
  }
}

function bodyOf({ schema, types = ['application/json'], optional, description, examples }: ApiBody, refer: Refer) {
  const media = { schema: refer(schema), examples: { ...examples } }
  return {
    ...(description !== undefined && { description }),
    required: !optional,
    content: Object.fromEntries(types.map((type) => [type, media])),
  }
}

function answerOf({ description, schema, type = 'application/json', example }: ApiAnswer, refer: Refer): ApiResponse {
  if (!schema) return { description }
  const examples = example === undefined ? {} : { examples: { answer: { value: example } } }
  return { description, content: { [type]: { schema: refer(schema), ...examples } } }
}

/** One response for each status, with an example of each code. */
function refusals<Code extends string>(
  { errors, errorSchema, errorExample, otherErrors }: Api<Code>,
  { errors: codes, unusual = {} }: ApiOperation<Code>,
  refer: Refer,
): Record<string, ApiResponse> {
  const byStatus = new Map<number, Code[]>()
  const add = (status: number, code: Code) => byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  for (const code of [...new Set(codes)]) add(([errors[code].http].flat() as [number])[0], code)
  for (const [status, found] of Object.entries(unusual)) for (const code of found) add(Number(status), code)
  const sorted = [...byStatus].sort(([a], [b]) => a - b)
  return Object.fromEntries(
    sorted.map(([status, found]) => {
      const isOther = (code: Code) => otherErrors?.codes.includes(code) ?? false
      const forms = [
        ...(found.every(isOther) ? [] : [refer(errorSchema)]),
        ...(otherErrors && found.some(isOther) ? [refer(otherErrors.schema)] : []),
      ]
      const example = (code: Code) => ({
        summary: errors[code].meaning,
        value: isOther(code) ? otherErrors?.example(code) : errorExample(code, errors[code]),
      })
      const content: Content = {
        'application/json': {
          schema: forms.length === 1 ? (forms[0] as JsonSchema) : { anyOf: forms },
          examples: Object.fromEntries(found.map((code) => [code, example(code)])),
        },
      }
      const description = found.map((code) => `\`${code}\`: ${errors[code].meaning}`).join('. ')
      return [status, { description, ...(comesBack(status) && { headers: retryAfter }), content }]
    }),
  )
}

/** A JSON Web Token: its schema is told as JSON Schema's own text tells it, header and payload in a row. */
const signatureOf = (payload: JsonSchema): Parameter => ({
  name: 'signature',
  in: 'query',
  required: true,
  description: 'A JWT of the payload, signed with HS256 and the merchant’s secret as text',
  schema: {
    type: 'string',
    contentMediaType: 'application/jwt',
    contentSchema: { type: 'array', minItems: 2, prefixItems: [{ type: 'object' }, payload] },
  },
})

function parametersOf(where: 'query' | 'header', schema: z.ZodType | undefined): Parameter[] {
  if (!schema) return []
  const { properties, required } = propertiesOf(schema)
  return Object.entries(properties).map(([name, { description, examples, ...rest }]) => ({
    name,
    in: where,
    required: required.includes(name),
    ...(description !== undefined && { description }),
    schema: rest,
    ...(examples?.[0] !== undefined && { example: examples[0] }),
  }))
}

function pathParameters<Code extends string>({ pathParameters: known }: Api<Code>, path: string): Parameter[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => {
    const facts = known[name]
    if (!facts) throw new Error(`nothing says what {${name}} is`)
    const { description, example, pattern } = facts
    return {
      name,
      in: 'path',
      required: true,
      description,
      schema: { type: 'string', ...(pattern !== undefined && { pattern }) },
      ...(example !== undefined && { example }),
    }
  })
}

/** Those of the path again, with the examples that fit this operation. */
const placesOf = <Code extends string>(api: Api<Code>, { path, places = {} }: ApiOperation<Code>): Parameter[] =>
  pathParameters(api, path)
    .filter(({ name }) => Object.hasOwn(places, name))
    .map((parameter) => ({ ...parameter, example: places[parameter.name] }))

const optional = <Name extends string>(name: Name, items: Parameter[]): Partial<Record<Name, Parameter[]>> =>
  items.length > 0 ? ({ [name]: items } as Record<Name, Parameter[]>) : {}
