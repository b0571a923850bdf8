import {
  type ListedOperation,
  type OpenApiDocument,
  operationsOf,
  parametersOf,
  resolve,
  type Signing,
} from '../document.ts'
import { type Profile, profileOf } from './profiles.ts'
import { signingScript } from './scripts.ts'
import type { Auth, Collection, Folder, Item, Pair, Script } from './types.ts'

const SCHEMA = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json'

/**
 * The requests of a document as a Postman collection, with scripts that sign them.
 * @param name of the protocol
 * @param baseUrl of the server; a program changes the variable
 */
export function createCollection(name: string, document: OpenApiDocument, baseUrl: string): Collection {
  const profile = profileOf(name)
  const operations = operationsOf(document)
  const item = document.tags.map(
    (tag): Folder => ({
      name: tag.name,
      description: tag.description,
      item: operations
        .filter(({ operation }) => operation.tags[0] === tag.name)
        .flatMap((one) => itemsOf(document, one, profile)),
    }),
  )
  const first = item[0]
  if (first && profile.before) first.item.unshift(...profile.before)
  const inPath = operations.flatMap(({ item }) => item.parameters ?? [])
  const places = new Map(inPath.map((parameter) => [parameter.name, String(parameter.example ?? '')]))
  return {
    info: {
      name: document.info.title,
      description: `${document.info.summary}.\n\n${document.info.description}\n\nFill in the variables of the collection: its scripts sign with them.`,
      schema: SCHEMA,
    },
    variable: [
      { key: 'baseUrl', value: baseUrl },
      ...profile.variables.map((key) => ({ key, value: '' })),
      ...[...places].map(([key, value]) => ({ key, value })),
    ],
    item,
  }
}

/** One request for each example of the body. */
function itemsOf(document: OpenApiDocument, one: ListedOperation, profile: Profile): Item[] {
  const { requestBody, operationId } = one.operation
  const [type = '', media] = Object.entries(requestBody?.content ?? {})[0] ?? []
  const schema = media?.schema && resolve(document, media.schema)
  const examples = Object.entries(
    media?.examples ?? (schema?.examples?.length ? { request: { value: schema.examples[0] } } : {}),
  )
  if (!requestBody || examples.length === 0) return [itemOf(document, one, profile)]
  return examples.map(([name, example]) => {
    const several = examples.length > 1
    const item = itemOf(document, one, profile, { type, value: example.value })
    const kept = profile.keep?.[`${operationId}.${name}`]
    return {
      ...item,
      name: several && example.summary ? `${item.name}: ${example.summary}` : item.name,
      ...(kept && { event: [...(item.event ?? []), kept] }),
    }
  })
}

type Body = { type: string; value: unknown }

function itemOf(document: OpenApiDocument, one: ListedOperation, profile: Profile, body?: Body): Item {
  const { method, path, item, operation } = one
  const signing = signingOf(operation['x-signing'], profile, body)
  const kept = profile.keep?.[operation.operationId]
  const event: Script[] = [...(signing ? [signingScript(signing)] : []), ...(kept ? [kept] : [])]
  const server = (item.servers ?? document.servers)[0]?.url.replace(/\/$/, '') ?? ''
  const parameters = parametersOf(one)
  const query = parameters.filter((parameter) => parameter.in === 'query')
  const headers = parameters.filter((parameter) => parameter.in === 'header')
  const places = `${server}${path}`.replace(/\{(\w+)\}/g, (_, name) => placeOf(name, one))
  return {
    name: operation.summary,
    ...(event.length > 0 && { event }),
    request: {
      method: method.toUpperCase(),
      ...(operation.description !== undefined && { description: operation.description }),
      auth: authOf(operation.security ?? document.security, profile),
      header: headers.map(({ name, description }) => optionalPair(name, '{{$guid}}', description)),
      url: urlOf(
        places,
        query.map(({ name, example, description, required }) =>
          name === 'signature'
            ? { key: name, value: '{{signature}}' }
            : required || example !== undefined
              ? { key: name, value: String(example ?? '') }
              : optionalPair(name, String(example ?? ''), description),
        ),
      ),
      ...(body && { body: bodyOf(body, signing, profile) }),
    },
    response: [],
  }
}

/** A variable of the collection, unless another value fits this operation. */
function placeOf(name: string, { operation }: ListedOperation): string {
  const own = operation.parameters?.find((parameter) => parameter.in === 'path' && parameter.name === name)
  return own?.example === undefined ? `{{${name}}}` : String(own.example)
}

function urlOf(places: string, query: Pair[]): Item['request']['url'] {
  const sent = query.filter(({ disabled }) => !disabled).map(({ key, value }) => `${key}=${value}`)
  return {
    raw: `{{baseUrl}}${places}${sent.length > 0 ? `?${sent.join('&')}` : ''}`,
    host: ['{{baseUrl}}'],
    path: places.split('/').slice(1),
    ...(query.length > 0 && { query }),
  }
}

const optionalPair = (key: string, value: string, description?: string): Pair => ({
  key,
  value,
  ...(description !== undefined && { description }),
  disabled: true,
})

function authOf(security: OpenApiDocument['security'], { auth }: Profile): Auth {
  const names = security.flatMap((requirement) => Object.keys(requirement))
  const known = names.find((name) => Object.hasOwn(auth, name))
  return (known !== undefined && auth[known]) || { type: 'noauth' }
}

/** A token goes into the one body that has a place for it. */
function signingOf(signing: Signing | undefined, profile: Profile, body: Body | undefined): Signing | undefined {
  if (!signing) return undefined
  if (signing.scheme === 'pledg') return { ...signing, payload: filled(signing.payload, profile) as object }
  if (signing.scheme !== 'jackpot') return body || signing.scheme !== 'webwallet' ? signing : undefined
  if (!Object.hasOwn((body?.value ?? {}) as object, signing.member)) return undefined
  return { ...signing, claims: filled(signing.claims, profile) as object }
}

function bodyOf(
  { type, value }: Body,
  signing: Signing | undefined,
  profile: Profile,
): NonNullable<Item['request']['body']> {
  const said = filled(signing?.scheme === 'webwallet' ? (value as { payload: unknown }).payload : value, profile)
  if (type === 'application/x-www-form-urlencoded')
    return {
      mode: 'urlencoded',
      urlencoded: Object.entries(said as Record<string, string>).map(([key, text]) => ({ key, value: String(text) })),
    }
  if (type !== 'application/json') return { mode: 'raw', raw: String(value), options: { raw: { language: 'text' } } }
  return { mode: 'raw', raw: JSON.stringify(said, null, 2), options: { raw: { language: 'json' } } }
}

/** The example with variables where the profile has some. */
function filled(value: unknown, { fill = {} }: Profile): unknown {
  return JSON.parse(JSON.stringify(value), (name, member) =>
    typeof member === 'string' && Object.hasOwn(fill, name) ? fill[name] : member,
  )
}
