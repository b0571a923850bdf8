import {
  type JsonSchema,
  type ListedOperation,
  type OpenApiDocument,
  operationsOf,
  resolve,
} from '../../../src/openapi/document.ts'
import type { Sent } from '../../openapi/postman.ts'
import { differences } from '../../protocols/admin/json-schema.ts'
import type { Answer } from '../../support/wallet-client.ts'

/** What no answer may show: where the program lies, what it asked the database, how an error came about. */
const INSIDE =
  /\n\s+at |node:internal|node_modules|\.ts:\d|\/src\/|TypeError|RangeError|SyntaxError|ReferenceError|PostgresError|relation "|violates |insert into |select .* from |ECONN|bf[shkra]_[\w-]{20}|BEGIN [A-Z ]*PRIVATE/

/** Answers before any route is known, which documents do not repeat for each operation. */
const OF_THE_DOOR = [400, 404, 405, 408, 413, 414, 415, 431]

export type Judged = {
  sent: Sent
  answer: Answer
  ms: number
  call: ListedOperation
  document: OpenApiDocument
  documents: readonly OpenApiDocument[]
  altered: boolean
}

/** What is wrong with an answer; nothing is an answer as it should be. @param altered the request may be none of this operation */
export function judge({ sent, answer, ms, call, document, documents, altered }: Judged): string[] {
  const { status, text } = answer
  const wrong: string[] = []
  if (status >= 500) wrong.push(`${status}`)
  if (ms > 5000) wrong.push(`took ${Math.round(ms)} ms`)
  if (status >= 300 || text.length < 100_000) {
    const shown = INSIDE.exec(answeredBeside(text, sent))
    if (shown && status >= 400) wrong.push(`shows ${JSON.stringify(shown[0])}`)
  }
  for (const [name, value] of Object.entries(answer.headers)) {
    if (name === 'set-cookie' || /[\r\n]/.test(String(value))) wrong.push(`header ${name}`)
  }
  if (sent.method === 'HEAD' || status < 200 || status === 204 || status === 304) return wrong
  if (status >= 300 && status < 400) return wrong
  const { responses } = call.operation
  // Another address may be another family's.
  const fits = () => (altered ? documents : [document]).some((one) => fitsAnyError(one, answer))
  const documented = responses[status] ?? (sent.method === call.method.toUpperCase() ? responses.default : undefined)
  if (documented) {
    const { content = {} } = resolve(document, documented)
    const type = String(answer.headers['content-type']).split(';')[0] as string
    const schema = content[type]?.schema
    if (schema === undefined) {
      if (text !== '' && !(altered && fits())) wrong.push(`${status} of undocumented type ${type}`)
    } else if (answer.body !== null || type.includes('json')) {
      const found = differences(schema, answer.body, document)
      if (found.length > 0 && !(altered && fits())) wrong.push(`${status} ${found.slice(0, 3).join('; ')}`)
    }
  } else if (status >= 400) {
    if (!OF_THE_DOOR.includes(status) && !altered) wrong.push(`undocumented status ${status}`)
    if (!fits()) wrong.push(`${status} in no form of this protocol`)
  } else if (!altered) {
    wrong.push(`undocumented status ${status}`)
  }
  return wrong
}

/** The text of an answer without what the caller wrote into the request, which an error may quote. */
const answeredBeside = (text: string, { body = '', url }: Sent) =>
  text.length > 20_000 ? '' : body.includes('select') || url.includes('select') ? '' : text

/** What the server itself answers, to an address or a method that no family has. */
const OF_NOBODY = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: { code: { type: 'string' }, message: { type: 'string' } },
    },
  },
}

const known = new WeakMap<OpenApiDocument, JsonSchema[]>()

/** The forms that a document gives to refusals. */
function formsOf(document: OpenApiDocument): JsonSchema[] {
  const texts = new Set<string>([JSON.stringify(OF_NOBODY)])
  for (const { operation } of operationsOf(document)) {
    for (const [status, response] of Object.entries(operation.responses)) {
      if (!(Number(status) >= 400) && status !== 'default') continue
      for (const { schema } of Object.values(resolve(document, response).content ?? {}))
        if (schema) texts.add(JSON.stringify(schema))
    }
  }
  return Array.from(texts, (text) => JSON.parse(text))
}

/** Whether a refusal has one of the forms that the document gives to refusals. */
export function fitsAnyError(document: OpenApiDocument, answer: Answer): boolean {
  if (answer.body === null) return false
  const forms = known.get(document) ?? formsOf(document)
  known.set(document, forms)
  return forms.some((schema) => differences(schema, answer.body, document).length === 0)
}
