import type { IncomingMessage, ServerResponse } from 'node:http'
import type Provider from 'oidc-provider'
import type { SigningKeys } from '../../credentials/signing-keys.ts'
import type { Log } from './grants.ts'
import { BodyRefusal, readForm } from './request-body.ts'
import { PATHS, ROUTES } from './routes.ts'

/** Answers what belongs to the authorization server: refuses early what the library should not see, hands over the rest. */
export function createHandler(deps: { provider: Provider; keys: SigningKeys; log: Log }) {
  const library = deps.provider.callback()

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const path = (req.url ?? '').split('?', 1)[0] ?? ''
    res.setHeader('X-Content-Type-Options', 'nosniff')
    const methods = ROUTES.get(path)
    if (!methods) return answer(res, 404, { error: 'not_found' })
    if (!methods.includes(req.method ?? '')) {
      res.setHeader('Allow', methods.join(', '))
      return answer(res, 405, { error: 'method_not_allowed' })
    }
    if (path === PATHS.jwks) return answerKeys(res, deps.keys)
    if (req.method !== 'POST') return library(req, res)
    const form = await readForm(req)
    return library(withForm(req, form), res)
  }

  return function handle(req: IncomingMessage, res: ServerResponse): void {
    serve(req, res).catch((error) => {
      if (res.headersSent) return void res.destroy()
      if (error instanceof BodyRefusal) {
        // The rest of an oversized body is not read, so the connection cannot be used again.
        if (error.status === 413) res.setHeader('Connection', 'close')
        return answer(res, error.status, { error: 'invalid_request', error_description: error.message })
      }
      deps.log.error({ error: { name: error.name, message: error.message, stack: error.stack } }, 'oauth')
      answer(res, 500, { error: 'server_error', error_description: 'the server could not answer; try again later' })
    })
  }
}

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
function withForm(req: IncomingMessage, form: Buffer): IncomingMessage {
  const { origin: _, 'transfer-encoding': __, ...headers } = req.headers
  return Object.create(req, {
    headers: {
      value: { ...headers, 'content-type': 'application/x-www-form-urlencoded', 'content-length': String(form.length) },
    },
    readable: { value: true },
    iterator: { value: () => [form] },
  })
}
