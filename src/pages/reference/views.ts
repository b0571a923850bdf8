import { html } from 'hono/html'
import { type OpenApiDocument, operationsOf } from '../../openapi/document.ts'
import type { ApiName } from '../../openapi/names.ts'
import { linkButton, pageHeading, section } from '../components.ts'
import type { Markup } from '../layout.ts'
import type { Language } from '../messages.ts'
import { operationView } from './operation-view.ts'
import { line, prose } from './prose.ts'
import { words } from './words.ts'

/** More calls than these are told on a page for each of their groups. */
const ON_ONE_PAGE = 40

export const isLarge = (document: OpenApiDocument): boolean => operationsOf(document).length > ON_ONE_PAGE

export type Shown = { name: ApiName; document: OpenApiDocument; language: Language; sandbox: boolean }

/** `/docs`: the protocols. */
export function indexView(
  documents: readonly Omit<Shown, 'language' | 'sandbox'>[],
  language: Language,
  sandbox: boolean,
): Markup {
  const say = (key: Parameters<typeof words>[1]) => words(language, key)
  return html`${pageHeading(say('title'), { sub: say('sub') })}
<ul class="protocols">${documents.map(
    ({ name, document }) => html`<li class="sheet"><h2><a href="/docs/${name}" lang="en">${document.info.title}</a></h2>
<p lang="en">${document.info.summary}.</p>
<p class="kind">${words(language, 'calls', { count: operationsOf(document).length })}</p>
<p class="ways">${sandbox ? html`<a href="/docs/${name}/try">${say('try')}<span class="heard" lang="en">: ${document.info.title}</span></a>` : ''}
<a href="/docs/openapi/${name}.json">${say('openapi')}<span class="heard" lang="en">: ${document.info.title}</span></a>
<a href="/docs/postman/${name}.json">${say('postman')}<span class="heard" lang="en">: ${document.info.title}</span></a></p></li>`,
  )}</ul>
<p class="builder-hint">${say('builder-hint')} <a href="/tools/signature">${say('builder')}</a>.</p>`
}

/** `/docs/NAME`: a protocol with its calls, or of a large one with what there is. */
export function protocolView(shown: Shown): Markup {
  const { name, document, language } = shown
  const { info, tags } = document
  const large = isLarge(document)
  const operations = operationsOf(document)
  const addressOf = (tag: string) => (large ? `/docs/${name}/${tag}` : '')
  return html`${heading(shown)}
<div class="reference">
<nav class="contents" aria-label="${words(language, 'contents')}"><h2>${words(language, 'contents')}</h2><ul>
<li><a href="#proof">${words(language, 'proof')}</a></li>
${tags.map(
  (tag) =>
    html`<li><a href="${large ? addressOf(tag.name) : `#tag-${tag.name}`}" lang="en">${tag.name}</a>${
      large
        ? ''
        : html`<ul lang="en">${operations
            .filter(({ operation }) => operation.tags[0] === tag.name)
            .map(({ operation }) => html`<li><a href="#${operation.operationId}">${operation.summary}</a></li>`)}</ul>`
    }</li>`,
)}
<li><a href="#errors">${words(language, 'errors')}</a></li></ul></nav>
<div class="text">
<div class="prose intro" lang="en">${prose(info.description)}</div>
${proofs(shown)}
${large ? listOfCalls(shown) : tags.map((tag) => group(shown, tag.name, ''))}
${errorTable(shown)}
</div></div>`
}

/** `/docs/NAME/TAG` of a large protocol. Null: it has no such group. */
export function groupView(shown: Shown, tag: string): Markup | null {
  const { name, document, language } = shown
  if (!document.tags.some((one) => one.name === tag)) return null
  return html`${heading(shown)}
<div class="reference">
<nav class="contents" aria-label="${words(language, 'contents')}"><h2>${words(language, 'contents')}</h2><ul lang="en">${operationsOf(
    document,
  )
    .filter(({ operation }) => operation.tags[0] === tag)
    .map(({ operation }) => html`<li><a href="#${operation.operationId}">${operation.summary}</a></li>`)}</ul></nav>
<div class="text">${proofs(shown)}${group(shown, tag, `/docs/${name}`)}</div></div>`
}

function heading({ name, document, language, sandbox }: Shown): Markup {
  const actions = html`<div class="buttons">${sandbox ? linkButton(`/docs/${name}/try`, words(language, 'try'), 'primary') : ''}</div>`
  return html`<p class="back"><a href="/docs">${words(language, 'all-protocols')}</a></p>
${pageHeading(html`<span lang="en">${document.info.title}</span>`, { sub: html`<span lang="en">${document.info.summary}</span>`, actions })}
<p class="ways">${words(language, 'below')} ${document.servers.map(({ url }, at) => html`${at > 0 ? ', ' : ''}<code>${url}</code>`)}
<span>${words(language, 'downloads')}: <a href="/docs/openapi/${name}.json">${words(language, 'openapi')}</a>, <a href="/docs/postman/${name}.json">${words(
    language,
    'postman',
  )}</a></span></p>`
}

const proofs = ({ document, language }: Shown): Markup =>
  section(
    'proof',
    words(language, 'proof'),
    html`<dl class="proofs" lang="en">${Object.entries(document.components.securitySchemes).map(
      ([name, { description, type, scheme, in: where, name: header }]) =>
        html`<div id="proof-${name}"><dt><code>${name}</code><span class="kind">${
          where === undefined ? (scheme ?? type) : `${where}: ${header}`
        }</span></dt><dd>${prose(description)}</dd></div>`,
    )}</dl>`,
  )

function group({ document, language }: Shown, tag: string, errorsAt: string): Markup {
  const { description = '' } = document.tags.find(({ name }) => name === tag) ?? {}
  const calls = operationsOf(document).filter(({ operation }) => operation.tags[0] === tag)
  return html`<section class="part group" aria-labelledby="tag-${tag}"><h2 id="tag-${tag}" lang="en">${tag}</h2><p class="sub" lang="en">${line(description)}</p>
${calls.map((one) => operationView({ document, language, errorsAt }, one))}</section>`
}

const listOfCalls = ({ name, document }: Shown): Markup[] =>
  document.tags.map(
    (
      tag,
    ) => html`<section class="part group" aria-labelledby="tag-${tag.name}"><h2 id="tag-${tag.name}" lang="en"><a href="/docs/${name}/${tag.name}">${tag.name}</a></h2><p class="sub" lang="en">${line(tag.description)}</p>
<ul class="list-of-calls" lang="en">${operationsOf(document)
      .filter(({ operation }) => operation.tags[0] === tag.name)
      .map(
        ({ method, path, operation }) =>
          html`<li><a href="/docs/${name}/${tag.name}#${operation.operationId}"><span class="method ${method}">${method.toUpperCase()}</span> <code>${path}</code></a><span>${operation.summary}</span></li>`,
      )}</ul></section>`,
  )

const errorTable = ({ document, language }: Shown): Markup =>
  section(
    'errors',
    words(language, 'errors'),
    html`<table class="members errors"><thead><tr><th scope="col">${words(language, 'code')}</th><th scope="col">${words(
      language,
      'meaning',
    )}</th></tr></thead><tbody>${document['x-errors'].map(
      ({ code, status, meaning }) =>
        html`<tr id="error-${code}"><th scope="row"><code>${code}</code><span class="kind">${status.join(', ')}</span></th><td lang="en">${line(
          meaning,
        )}</td></tr>`,
    )}</tbody></table>`,
    { sub: words(language, 'errors-sub') },
  )
