import { html } from 'hono/html'
import {
  type ApiResponse,
  type Content,
  type JsonSchema,
  type ListedOperation,
  type OpenApiDocument,
  type Parameter,
  parametersOf,
  resolve,
} from '../../openapi/document.ts'
import type { Markup } from '../layout.ts'
import type { Language } from '../messages.ts'
import { line, prose } from './prose.ts'
import { type SchemaRow, schemaRows, typeOf } from './schema-rows.ts'
import { words } from './words.ts'

type View = { document: OpenApiDocument; language: Language; errorsAt: string }

/** One call: what it takes, what it answers, what it refuses. */
export function operationView(view: View, one: ListedOperation): Markup {
  const { document, language } = view
  const { method, path, item, operation } = one
  const { operationId: id, summary, description, requestBody, responses } = operation
  const say = (key: Parameters<typeof words>[1]) => words(language, key)
  const server = (item.servers ?? document.servers)[0]?.url.replace(/\/$/, '') ?? ''
  const parameters = parametersOf(one)
  const answers = Object.entries(responses).filter(([status]) => !isRefusal(status))
  const payload = payloadOf(parameters)
  return html`<section class="call" aria-labelledby="${id}">
<h3 id="${id}"><span class="title" lang="en">${summary}</span> <a class="route" href="#${id}"><span class="method ${method}">${method.toUpperCase()}</span> <code>${softened(server + path)}</code></a></h3>
${description === undefined ? '' : html`<div class="prose" lang="en">${prose(description)}</div>`}
<p class="proven">${say('proven')} ${proofOf(view, one)}</p>
${(item['x-also'] ?? []).map((also) => html`<p class="proven">${say('also')} <code>${softened(server + also)}</code></p>`)}
${
  parameters.length === 0
    ? ''
    : block(
        say('parameters'),
        table(
          parameters.map((parameter) => parameterRow(document, parameter)),
          language,
        ),
      )
}
${payload === null ? '' : block(say('payload'), schemaTable(view, payload))}
${requestBody ? bodyView(view, requestBody.content, requestBody.required ?? false) : ''}
${block(say('answers'), html`${answers.map(([status, answer]) => answerView(view, status, resolve(document, answer)))}`)}
${refusalsView(view, responses)}
</section>`
}

const block = (title: string, body: Markup): Markup => html`<div class="block"><h4>${title}</h4>${body}</div>`

const isRefusal = (status: string) => Number(status) >= 400

/** Long paths break where a reader would break them. */
const softened = (path: string): Markup => html`${path.split(/(?=\/)/).map((part) => html`${part}<wbr>`)}`

function proofOf({ document, language }: View, { operation }: ListedOperation): Markup {
  const requirements = (operation.security ?? document.security).filter((one) => Object.keys(one).length > 0)
  if (requirements.length === 0) return html`${words(language, 'proven-by-nothing')}`
  const one = (requirement: Record<string, readonly string[]>) =>
    Object.entries(requirement).map(
      ([name, scopes], at) =>
        html`${at > 0 ? ` ${words(language, 'and')} ` : ''}<a href="#proof-${name}"><code>${name}</code></a>${
          scopes.length > 0
            ? html` (${scopes.map((scope, place) => html`${place > 0 ? ', ' : ''}<code>${scope}</code>`)})`
            : ''
        }`,
    )
  return html`${requirements.map((requirement, at) => html`${at > 0 ? ` ${words(language, 'or')} ` : ''}${one(requirement)}`)}`
}

function payloadOf(parameters: readonly Parameter[]): JsonSchema | null {
  const signature = parameters.find(({ schema }) => schema?.contentMediaType === 'application/jwt')
  const content = signature?.schema?.contentSchema as { prefixItems?: JsonSchema[] } | undefined
  return content?.prefixItems?.[1] ?? null
}

function parameterRow(document: OpenApiDocument, parameter: Parameter): SchemaRow {
  const { name, in: where, schema = {}, required = false, description = '', example } = parameter
  const limits = [
    `in the ${where}`,
    ...(typeof schema.pattern === 'string' ? [`\`${schema.pattern}\``] : []),
    ...(example === undefined ? [] : [`such as \`${String(example)}\``]),
  ]
  return { name, type: typeOf(document, schema), required, description, limits }
}

function schemaTable({ document, language }: View, schema: JsonSchema): Markup {
  const rows = schemaRows(document, schema)
  const whole = resolve(document, schema)
  if (rows.length > 0) return table(rows, language)
  return html`<p class="plain-type"><code>${typeOf(document, schema)}</code> ${line(whole.description ?? '')}</p>`
}

function table(rows: readonly SchemaRow[], language: Language): Markup {
  return html`<table class="members"><thead><tr><th scope="col">${words(language, 'field')}</th><th scope="col">${words(language, 'about')}</th></tr></thead><tbody>${rows.map(
    ({ name, type, required, description, limits }) =>
      html`<tr><th scope="row"><code class="${required ? 'must' : 'may'}">${dotted(name)}</code><span class="kind">${
        required ? words(language, 'required') : words(language, 'optional')
      }</span></th><td lang="en"><code class="type">${type}</code>${description === '' ? '' : html`<span>${line(description)}</span>`}${
        limits.length > 0 ? html`<span class="limits">${line(limits.join('; '))}</span>` : ''
      }</td></tr>`,
  )}</tbody></table>`
}

const dotted = (name: string): Markup => html`${name.split(/(?=\.)/).map((part) => html`${part}<wbr>`)}`

function bodyView(view: View, content: Content, required: boolean): Markup {
  const { language } = view
  const [[, media] = ['', {}]] = Object.entries(content)
  const types = Object.keys(content).join(', ')
  const schema = media.schema && resolve(view.document, media.schema)
  const examples = Object.entries(media.examples ?? {})
  const shown =
    examples.length > 0
      ? examples.map(([, { summary, value }]) => sample(words(language, 'example'), value, summary))
      : (schema?.examples ?? []).slice(0, 1).map((value) => sample(words(language, 'example'), value))
  const title = `${words(language, 'body')}${required ? '' : ` (${words(language, 'optional')})`}`
  const fields = media.schema && schema?.format !== 'binary' ? schemaTable(view, media.schema) : ''
  return block(title, html`<p class="kind">${types}</p>${fields}${shown}`)
}

function answerView(view: View, status: string, { description = '', content = {} }: ApiResponse): Markup {
  const [type, media] = Object.entries(content)[0] ?? []
  const isJson = type?.includes('json')
  const examples = Object.values(media?.examples ?? {})
  return html`<div class="answer"><p><span class="status-code">${status}</span> <span lang="en">${line(description)}</span>${
    type === undefined || type === 'application/json' ? '' : html` <span class="kind">${type}</span>`
  }</p>${media?.schema && isJson ? schemaTable(view, media.schema) : ''}${examples.map(({ value }) =>
    sample(words(view.language, 'example'), value),
  )}</div>`
}

function refusalsView({ document, language, errorsAt }: View, responses: Record<string, ApiResponse>): Markup | string {
  const refused = Object.entries(responses)
    .filter(([status]) => isRefusal(status))
    .map(([status, response]) => ({ status, ...resolve(document, response) }))
  if (refused.length === 0) return ''
  const rows = refused.map(({ status, description = '', content = {} }) => {
    const codes = Object.keys(Object.values(content)[0]?.examples ?? {})
    const named =
      codes.length > 0
        ? codes.map((code) => html`<a href="${errorsAt}#error-${code}"><code>${code}</code></a> `)
        : html`<span lang="en">${line(description)}</span>`
    return html`<div><dt><span class="status-code">${status}</span></dt><dd>${named}</dd></div>`
  })
  return block(words(language, 'refusals'), html`<dl class="refusals">${rows}</dl>`)
}

const sample = (label: string, value: unknown, summary?: string): Markup =>
  html`<figure class="sample"><figcaption>${label}${summary === undefined ? '' : html`<span lang="en">: ${summary}</span>`}</figcaption><pre tabindex="0" role="group" aria-label="${label}${summary === undefined ? '' : `: ${summary}`}"><code>${
    typeof value === 'string' ? value : JSON.stringify(value, null, 2)
  }</code></pre></figure>`
