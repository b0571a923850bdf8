import { z } from 'zod'
import type { JsonSchema } from './document.ts'

type Named = {
  /** by name, for the document's components */
  schemas: Record<string, JsonSchema>
  /** names a schema where it stands */
  refer(schema: z.ZodType): JsonSchema
}

/**
 * JSON Schemas of the schemas that requests are validated with.
 * @param chosen names that are meant for readers
 * @param rest further schemas, named unless they have a name by then
 */
export function nameSchemas(
  chosen: Readonly<Record<string, z.ZodType>>,
  rest: readonly (readonly [name: string, schema: z.ZodType])[] = [],
): Named {
  const names = new Map<z.ZodType, string>()
  const taken = new Set<string>()
  for (const [wanted, schema] of [...Object.entries(chosen), ...rest]) {
    if (names.has(schema)) continue
    let name = wanted
    for (let count = 2; taken.has(name); count++) name = `${wanted}${count}`
    taken.add(name)
    names.set(schema, name)
  }
  const registry = z.registry<{ id: string }>()
  for (const [schema, id] of names) registry.add(schema, { id })
  const { schemas } = z.toJSONSchema(registry, {
    uri: (id) => `#/components/schemas/${id}`,
    io: 'input',
    // What zod has no words for says it in its `meta`.
    unrepresentable: 'any',
  })
  return {
    schemas: Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, plain(schema as JsonSchema)])),
    refer(schema) {
      const name = names.get(schema)
      if (name === undefined) throw new Error('a schema has no name in the document')
      return { $ref: `#/components/schemas/${name}` }
    },
  }
}

/** The members of an object's schema, for parameters. */
export function propertiesOf(schema: z.ZodType): { properties: Record<string, JsonSchema>; required: string[] } {
  const { properties = {}, required = [] } = plain(z.toJSONSchema(schema, { io: 'input' }) as JsonSchema)
  return { properties, required }
}

/** The dialect is OpenAPI's own, and a schema's place is its name. */
function plain({ $schema: _dialect, $id: _place, ...schema }: JsonSchema): JsonSchema {
  return schema
}
