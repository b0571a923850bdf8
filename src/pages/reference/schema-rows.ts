import { type JsonSchema, type OpenApiDocument, resolve } from '../../openapi/document.ts'

/** One member of a schema, as a reader sees it. */
export type SchemaRow = {
  /** with those that it stands in, joined by dots; `[]` for the items of a list */
  name: string
  type: string
  required: boolean
  description: string
  /** what else a value must be */
  limits: string[]
}

/** Deeper than any of ours; a schema that names itself ends there. */
const DEEPEST = 6

/** The members of a schema, those inside of others too, in their order. */
export function schemaRows(document: OpenApiDocument, schema: JsonSchema): SchemaRow[] {
  const rows: SchemaRow[] = []
  walk('', schema, 0)
  return rows

  function walk(prefix: string, given: JsonSchema, depth: number): void {
    if (depth > DEEPEST) return
    const whole = { ...resolve(document, given), ...withoutRef(given) }
    const required = new Set(whole.required)
    for (const [name, member] of Object.entries(whole.properties ?? {})) {
      const path = prefix === '' ? name : `${prefix}.${name}`
      rows.push(rowOf(path, member, required.has(name)))
      inside(path, member, depth)
    }
    if (typeof whole.additionalProperties === 'object' && Object.keys(whole.additionalProperties).length > 0) {
      const path = prefix === '' ? '*' : `${prefix}.*`
      rows.push(rowOf(path, whole.additionalProperties, false))
      inside(path, whole.additionalProperties, depth)
    }
    for (const one of [...(whole.anyOf ?? []), ...(whole.oneOf ?? []), ...(whole.allOf ?? [])])
      walk(prefix, one, depth + 1)
    if (prefix === '' && whole.items) walk('[]', whole.items, depth + 1)
  }

  function inside(path: string, member: JsonSchema, depth: number): void {
    const whole = resolve(document, member)
    if (whole.items) walk(`${path}[]`, whole.items, depth + 1)
    walk(path, whole, depth + 1)
  }

  function rowOf(name: string, member: JsonSchema, required: boolean): SchemaRow {
    const whole = { ...resolve(document, member), ...withoutRef(member) }
    return {
      name,
      type: typeOf(document, member),
      required,
      description: whole.description ?? '',
      limits: limitsOf(whole),
    }
  }
}

function withoutRef({ $ref: _, ...rest }: JsonSchema): JsonSchema {
  return rest
}

/** A schema's type in words. */
export function typeOf(document: OpenApiDocument, given: JsonSchema): string {
  const schema = resolve(document, given)
  const { type, items, anyOf, oneOf, allOf, enum: values } = schema
  if ('const' in schema) return JSON.stringify(schema.const)
  if (values) return values.length <= 12 ? values.map((value) => JSON.stringify(value)).join(' | ') : 'string'
  if (anyOf ?? oneOf) {
    const types = (anyOf ?? oneOf ?? []).map((one) => typeOf(document, one))
    return [...new Set(types)].join(' or ')
  }
  if (allOf) return 'object'
  if (type === 'array') return items ? `list of ${typeOf(document, items)}` : 'list'
  if (type === undefined) return schema.properties ? 'object' : 'any'
  return [type].flat().join(' or ')
}

function limitsOf(schema: JsonSchema): string[] {
  const { enum: values, minLength, maxLength, minimum, maximum, exclusiveMinimum, pattern, format } = schema
  const said: string[] = []
  if (values && values.length > 12) said.push(`one of ${values.map(String).join(', ')}`)
  if (format !== undefined) said.push(String(format))
  if (exclusiveMinimum !== undefined) said.push(`above ${exclusiveMinimum}`)
  if (minimum !== undefined && !isEdge(minimum)) said.push(`at least ${minimum}`)
  if (maximum !== undefined && !isEdge(maximum)) said.push(`at most ${maximum}`)
  if (Number(minLength) > 1) said.push(`at least ${minLength} characters`)
  if (maxLength !== undefined) said.push(`at most ${maxLength} characters`)
  // What the format says already, at length.
  if (pattern !== undefined && format === undefined) said.push(`\`${pattern}\``)
  return said
}

/** Of the numbers that a program can hold, which say nothing. */
const isEdge = (value: unknown) => Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER
