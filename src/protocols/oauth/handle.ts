import type { IncomingMessage, ServerResponse } from 'node:http'
import type Provider from 'oidc-provider'
import type { DpopProofs } from '../../credentials/dpop.ts'
import type { SigningKeys } from '../../credentials/signing-keys.ts'
import { isDatabaseAway } from '../../storage/database-away.ts'
import type { BeginLimit } from './begin-limit.ts'
import { bindPushedRequest } from './dpop.ts'
import type { Log } from './grants.ts'
import type { AuthorizationRefusal, People } from './people.ts'
import { AWAY } from './provider.ts'
import { adaptQuery, BodyRefusal, readForm } from './request-body.ts'
import { PATHS, ROUTES, routeOf } from './routes.ts'

// Far more than any request needs, and well below what Node takes, so that the refusal is ours. Pushed ones are no longer.
const LONGEST_REQUEST = 8_192

type HandlerDeps = {
  provider: () => Provider
  keys: SigningKeys
  proofs: DpopProofs
  people: People
  log: Log
  begins: BeginLimit
}

/** Answers what belongs to the authorization server: refuses early what the library should not see, hands over the rest. */
export function createHandler(deps: HandlerDeps) {
  const callbacks = new WeakMap<Provider, ReturnType<Provider['callback']>>()

  function library(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const provider = deps.provider()
    const callback = callbacks.get(provider) ?? provider.callback()
    callbacks.set(provider, callback)
    return callback(req, res)
  }

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const route = routeOf(pathOf(req))
    res.setHeader('X-Content-Type-Options', 'nosniff')
    const methods = route && ROUTES.get(route)
    if (!methods) return answer(res, 404, { error: 'not_found' })
    if (!methods.includes(req.method ?? '')) {
      res.setHeader('Allow', methods.join(', '))
      return answer(res, 405, { error: 'method_not_allowed' })
    }
    if (route === PATHS.jwks) return answerKeys(res, deps.keys)
    if (route === PATHS.authorize) return authorize(req, res)
    if (req.method !== 'POST') return library(req, res)
    const form = await readForm(req, { authorization: route === PATHS.par })
    return route === PATHS.par ? push(req, res, form) : library(withForm(req, form), res)
  }

  async function push(req: IncomingMessage, res: ServerResponse, form: Buffer): Promise<void> {
    if (form.length > LONGEST_REQUEST) throw new BodyRefusal(413, TOO_LONG.description)
    const { dpop, authorization } = req.headers
    // Whoever sends a secret proves itself by it, or leaves nothing behind.
    const anybody = !authorization && !new URLSearchParams(form.toString()).get('client_secret')
    const wait = anybody ? deps.begins(req) : 0
    if (wait > 0) {
      const { error, description } = TOO_MANY
      res.setHeader('Retry-After', wait)
      return answer(res, TOO_MANY.status, { error, error_description: description })
    }
    const bound = await bindPushedRequest(deps, dpop === undefined ? undefined : String(dpop), form)
    // The library would verify the proof again, by rules of its own.
    return library(withForm(req, bound, ['dpop']), res)
  }

  async function authorize(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const [path = '', query = ''] = (req.url ?? '').split(/\?(.*)/s)
    if (query.length > LONGEST_REQUEST) return page(req, res, TOO_LONG)
    const wait = deps.begins(req)
    if (wait > 0) {
      res.setHeader('Retry-After', wait)
      return page(req, res, TOO_MANY)
    }
    return library(Object.create(req, { url: { value: `${path}?${adaptQuery(query)}` } }), res)
  }

  function page(req: IncomingMessage, res: ServerResponse, refusal: AuthorizationRefusal): void {
    const { headers, body } = deps.people.refusalPage(req, refusal)
    res.writeHead(refusal.status, { ...headers })
    res.end(body)
  }

  return function handle(req: IncomingMessage, res: ServerResponse): void {
    serve(req, res).catch((error) => {
      if (res.headersSent) return void res.destroy()
      if (error instanceof BodyRefusal) {
        // The rest of an oversized body is not read, so the connection cannot be used again.
        if (error.status === 413) res.setHeader('Connection', 'close')
        return answer(res, error.status, { error: error.code, error_description: error.message })
      }
      deps.log.error({ error: { name: error.name, message: error.message, stack: error.stack } }, 'oauth')
      const away = isDatabaseAway(error)
      if (away) res.setHeader('Retry-After', '1')
      if (pathOf(req).startsWith(PATHS.authorize))
        return page(req, res, away ? { ...FAILURE, status: AWAY.status } : FAILURE)
      if (away) return answer(res, AWAY.status, AWAY.body)
      answer(res, 500, { error: 'server_error', error_description: 'the server could not answer; try again later' })
    })
  }
}

const TOO_LONG: AuthorizationRefusal = {
  status: 414,
  reason: 'request',
  error: 'invalid_request',
  description: `the request is longer than ${LONGEST_REQUEST} characters`,
}
const TOO_MANY: AuthorizationRefusal = {
  status: 429,
  reason: 'busy',
  error: 'temporarily_unavailable',
  description: 'too many requests were begun at this address; try again in a minute',
}
const FAILURE: AuthorizationRefusal = {
  status: 500,
  reason: 'failure',
  error: 'server_error',
  description: 'the server could not answer; try again later',
}

const pathOf = (req: IncomingMessage): string => (req.url ?? '').split('?', 1)[0] ?? ''

function answer(res: ServerResponse, status: number, body: object): void {
  res.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' })
  res.end(JSON.stringify(body))
}

function answerKeys(res: ServerResponse, keys: SigningKeys): void {
  res.writeHead(200, {
    'Content-Type': 'application/jwk-set+json; charset=utf-8',
    'Cache-Control': 'public, max-age=60',
  })
  res.end(JSON.stringify({ keys: keys.published() }))
}

/** The same request, seen with another body. Without its Origin: which origins may call is not the library's to say. */
function withForm(req: IncomingMessage, form: Buffer, without: readonly string[] = []): IncomingMessage {
  const { origin: _, 'transfer-encoding': __, ...headers } = req.headers
  for (const name of without) delete headers[name]
  return Object.create(req, {
    headers: {
      value: { ...headers, 'content-type': 'application/x-www-form-urlencoded', 'content-length': String(form.length) },
    },
    readable: { value: true },
    iterator: { value: () => [form] },
  })
}
