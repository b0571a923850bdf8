import { explainSigning } from '#sdk/explain/explain.ts'
import { fillIn } from '#sdk/explain/fill-in.ts'
import { ExplainError, type Explanation, type FinalRequest, type SigningScheme } from '#sdk/explain/types.ts'
import { createDpop } from '#sdk/webwallet/dpop.ts'
import { codeBlock } from './code.ts'
import { byId, h } from './dom.ts'
import { requestText } from './request-text.ts'
import { drawStep } from './signing.ts'
import { fieldName, say } from './words.ts'

const page = byId('builder')
const form = byId('try') as HTMLFormElement
const verdict = byId('verdict')
const results = byId('results')
const texts: Record<string, string> = JSON.parse(page.dataset.texts ?? '{}')
const { name = '', scheme = '' } = form.dataset

const origins = (page.dataset.origins ?? '').split(' ')
/** Some protocols sign the whole address: it is one that the server knows as its own. */
const origin = origins.includes(location.origin) ? location.origin : (origins[0] ?? location.origin)

/** What was signed and is to be sent; `explained` where the SDK's explainer has signed it. */
type Signed = { request: FinalRequest; explained?: Explanation; stringToSign?: string }

const basic = (id: string, secret: string) =>
  `Basic ${btoa([id, secret].map((text) => encodeURIComponent(text)).join(':'))}`

const tokenRequest = (values: Record<string, string>, more: Record<string, string>): FinalRequest => ({
  method: 'POST',
  url: `${origin}/oauth/token`,
  headers: {
    authorization: basic(values.clientId ?? '', values.clientSecret ?? ''),
    'content-type': 'application/x-www-form-urlencoded',
    ...more,
  },
  body: String(
    new URLSearchParams({ grant_type: 'client_credentials', ...(values.scope ? { scope: values.scope } : {}) }),
  ),
})

/** To this server, under whatever name the page has it, and without the cookies of whoever is signed in. */
function send({ method, url, headers, body }: FinalRequest): Promise<Response> {
  const { pathname, search } = new URL(url)
  return fetch(pathname + search, {
    method,
    headers,
    credentials: 'omit',
    cache: 'no-store',
    redirect: 'manual',
    ...(body === undefined ? {} : { body }),
  })
}

async function sign(values: Record<string, string>): Promise<Signed> {
  if (name === 'oauth') {
    const proof = await (await createDpop()).proof({ method: 'POST', url: `${origin}/oauth/token` })
    return {
      request: tokenRequest(values, { dpop: proof }),
      stringToSign: proof.slice(0, proof.lastIndexOf('.')),
    }
  }
  const url = origin + (values.path?.startsWith('/') ? values.path : '')
  if (scheme === '') {
    const headers = { authorization: `Bearer ${values.apiKey ?? ''}`, accept: 'application/json' }
    return { request: { method: 'GET', url, headers, body: undefined } }
  }
  const more: Record<string, string> = { url }
  if (name === 'webwallet') {
    const answer = await send(tokenRequest(values, {}))
    const { access_token: token } = await answer.json()
    if (typeof token !== 'string') throw new Error(`/oauth/token: ${answer.status}`)
    more.accessToken = token
  }
  if (name === 'pledg') more.payload = (values.payload ?? '').replaceAll('{merchantUid}', values.merchantUid ?? '')
  if (values.method === 'GET') more.body = ''
  const explained = await explainSigning(scheme as SigningScheme, { ...values, ...more })
  return { request: explained.request, explained }
}

/** Credentials that are sent as they are stand shortened, should somebody look on. */
const masked = (request: FinalRequest): FinalRequest => ({
  ...request,
  headers: Object.fromEntries(
    Object.entries(request.headers).map(([header, value]) => [
      header,
      header === 'authorization' ? value.replace(/^(\w+ )(\S{8})[^\s,]*$/, '$1$2…') : value,
    ]),
  ),
})

async function bodyOf(answer: Response): Promise<string> {
  const text = await answer.text()
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text.length > 4_000 ? `${text.slice(0, 4_000)}…` : text
  }
}

async function run(): Promise<void> {
  for (const field of form.querySelectorAll('[aria-invalid]')) field.removeAttribute('aria-invalid')
  verdict.replaceChildren(h('p', { class: 'hint' }, texts.sending))
  results.replaceChildren()
  page.dataset.shown = ''
  const values = Object.fromEntries([...new FormData(form)].map(([field, value]) => [field, String(value)]))
  const { request, explained, stringToSign } = await sign(values)
  const begun = performance.now()
  const answer = await send(request)
  const ms = String(Math.round(performance.now() - begun))
  const status = `${answer.status} ${answer.statusText}`.trim()
  const kind = answer.ok ? 'good' : 'bad'
  verdict.replaceChildren(
    h('div', { class: `notice ${kind}` }, h('p', {}, fillIn(texts.answered ?? '', { status, ms }))),
  )
  const steps = explained?.steps.map((step) => h('li', {}, drawStep(step))) ?? []
  const headers = [...answer.headers].map(([header, value]) => `${header}: ${value}`)
  results.replaceChildren(
    ...(steps.length > 0 ? [h('ol', { class: 'steps' }, ...steps)] : []),
    ...(stringToSign === undefined ? [] : [codeBlock({ caption: texts['string-to-sign'] ?? '', text: stringToSign })]),
    codeBlock({ caption: texts['the-request'] ?? '', text: requestText(masked(request)) }),
    codeBlock({
      caption: texts['the-answer'] ?? '',
      text: [`HTTP/1.1 ${status}`, ...headers, '', await bodyOf(answer)].join('\n'),
    }),
  )
  page.dataset.shown = String(answer.status)
}

function problem(error: unknown): HTMLElement {
  let reason = error instanceof Error ? error.message : String(error)
  if (error instanceof ExplainError) {
    const { field } = error
    byId(`field-${field}`).setAttribute('aria-invalid', 'true')
    reason = say(`field-${error.reason}`, { field: fieldName(scheme, field), reason })
  }
  return h('div', { class: 'notice bad' }, h('p', {}, fillIn(texts.failed ?? '', { reason })))
}

form.addEventListener('submit', (event) => {
  event.preventDefault()
  run().catch((error) => {
    verdict.replaceChildren(problem(error))
    results.replaceChildren()
    page.dataset.shown = 'failed'
  })
})

document.getElementById('again')?.addEventListener('click', () => {
  for (const field of form.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('input[type=text], textarea'))
    field.value = field.value.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=")|(?<=^try-).{36}$/g, () =>
      crypto.randomUUID(),
    )
})

page.hidden = false
