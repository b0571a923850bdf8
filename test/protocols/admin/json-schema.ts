// biome-ignore lint/suspicious/noExplicitAny: schemas and values of any shape
type Any = any

/**
 * What is wrong with a value by a JSON Schema, in so far as the document uses that language; a keyword that is not known here is
 * an error, not a pass. Objects with listed members are closed unless
 * they say otherwise: an answer may hold nothing that is not documented.
 */
export function differences(schema: Any, value: Any, root: Any, path = '$'): string[] {
  const wrong = (why: string) => [`${path} ${why}: ${JSON.stringify(value)}`]
  const found: string[] = []
  for (const [keyword, rule] of Object.entries<Any>(schema)) {
    const check = CHECKS[keyword]
    if (check === undefined) throw new Error(`the keyword ${keyword} is not known here`)
    if (check === null) continue
    found.push(...check(rule, value, schema, root, path, wrong))
  }
  return found
}

type Check = (rule: Any, value: Any, schema: Any, root: Any, path: string, wrong: (why: string) => string[]) => string[]

const isObject = (value: Any) => typeof value === 'object' && value !== null && !Array.isArray(value)
const unless = (good: boolean, wrong: () => string[]) => (good ? [] : wrong())

const TYPES: Record<string, (value: Any) => boolean> = {
  object: isObject,
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: Number.isInteger,
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
}

const CHECKS: Record<string, Check | null> = {
  description: null,
  examples: null,
  default: null,
  format: null,
  additionalProperties: null,
  propertyNames: null,
  contentMediaType: null,
  $ref: (rule, value, _schema, root, path) => {
    const target = rule
      .slice(2)
      .split('/')
      .reduce((at: Any, name: string) => at[name], root)
    return differences(target, value, root, path)
  },
  type: (rule, value, _schema, _root, _path, wrong) =>
    unless(
      [rule].flat().some((name: string) => TYPES[name]?.(value)),
      () => wrong(`is no ${rule}`),
    ),
  anyOf: (rule, value, _schema, root, path, wrong) =>
    unless(
      rule.some((one: Any) => differences(one, value, root, path).length === 0),
      () => wrong('fits none'),
    ),
  oneOf: (rule, value, _schema, root, path, wrong) =>
    unless(rule.filter((one: Any) => differences(one, value, root, path).length === 0).length === 1, () =>
      wrong('does not fit one'),
    ),
  const: (rule, value, _schema, _root, _path, wrong) => unless(value === rule, () => wrong(`is not ${rule}`)),
  enum: (rule, value, _schema, _root, _path, wrong) => unless(rule.includes(value), () => wrong('is none of these')),
  pattern: (rule, value, _schema, _root, _path, wrong) =>
    unless(typeof value !== 'string' || new RegExp(rule, 'u').test(value), () => wrong(`does not fit ${rule}`)),
  minLength: (rule, value, _schema, _root, _path, wrong) => unless(!(value?.length < rule), () => wrong('is short')),
  maxLength: (rule, value, _schema, _root, _path, wrong) => unless(!(value?.length > rule), () => wrong('is long')),
  minItems: (rule, value, _schema, _root, _path, wrong) => unless(!(value?.length < rule), () => wrong('is short')),
  maxItems: (rule, value, _schema, _root, _path, wrong) => unless(!(value?.length > rule), () => wrong('is long')),
  minimum: (rule, value, _schema, _root, _path, wrong) => unless(!(value < rule), () => wrong('is small')),
  maximum: (rule, value, _schema, _root, _path, wrong) => unless(!(value > rule), () => wrong('is large')),
  exclusiveMinimum: (rule, value, _schema, _root, _path, wrong) => unless(!(value <= rule), () => wrong('is small')),
  allOf: (rule, value, _schema, root, path) => rule.flatMap((one: Any) => differences(one, value, root, path)),
  minProperties: (rule, value, _schema, _root, _path, wrong) =>
    unless(!isObject(value) || Object.keys(value).length >= rule, () => wrong('is empty')),
  items: (rule, value, _schema, root, path) =>
    Array.isArray(value) ? value.flatMap((item, i) => differences(rule, item, root, `${path}[${i}]`)) : [],
  required: (rule, value, _schema, _root, _path, wrong) =>
    isObject(value)
      ? rule.filter((name: string) => !(name in value)).flatMap((name: string) => wrong(`lacks ${name}`))
      : [],
  properties: (rule, value, schema, root, path) =>
    isObject(value)
      ? Object.entries<Any>(value).flatMap(([name, member]) =>
          Object.hasOwn(rule, name)
            ? differences(rule[name], member, root, `${path}.${name}`)
            : schema.additionalProperties
              ? []
              : [`${path} has ${name}`],
        )
      : [],
}
