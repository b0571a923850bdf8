import type { IncomingMessage } from 'node:http'
import { createAddressReader } from '../../credentials/address.ts'
import type { AdminScope } from '../../credentials/admin-scopes.ts'
import { type AdminPrincipal, verifyApiKey } from '../../credentials/api-key.ts'
import type { RequestLimits } from '../../credentials/request-limits.ts'
import { TokenRefusal } from '../../credentials/token-refusal.ts'
import type { Deps } from '../../deps.ts'
import { onceInLedger, onceInTransaction, requestHash } from './once.ts'
import { AdminProblem, HEADERS, tooMany } from './problem.ts'
import { readInput, readQuery } from './read-request.ts'
import { readUpload } from './read-upload.ts'
import type { AdminRoute, Call } from './route.ts'

/** One request to one route, from proof to answer. @throws {AdminProblem} among others; `explain` knows them all */
export async function handle(
  deps: Deps & { limits: RequestLimits },
  route: AdminRoute,
  request: Request,
  params: Record<string, string>,
  incoming?: IncomingMessage,
): Promise<Response> {
  const principal = await prove(deps, request, incoming)
  if (!route.merchants) requireOperator(principal)
  requireScope(principal, route.scope)
  const query = readQuery(route, request.url)
  const input = route.upload ? undefined : await readInput(route, request)
  const actor = `api-key:${principal.keyId}`
  const value = readKey(request)
  const key = value === null ? null : { principal: actor, value, hash: requestHash(route, params, input) }
  let replayed = false
  const call = {
    principal,
    actor,
    params,
    query,
    input,
    sql: deps.db,
    keep: () => [],
    key: value,
    markReplayed() {
      replayed = true
    },
    address: () => readAddress(deps, request, incoming),
    upload: route.upload ? readUpload(route.upload.type, request, incoming) : nothing(),
  } satisfies Call<unknown, unknown>

  if (route.once === 'transaction') {
    const kept = await onceInTransaction(deps, key, route.status, (sql) => route.handle(deps, { ...call, sql }))
    return answer(kept.status, kept.body, kept.replayed)
  }
  if (route.once === 'ledger') {
    const kept = await onceInLedger(deps, key, route.status, (keep) => route.handle(deps, { ...call, keep }))
    return answer(kept.status, kept.body, kept.replayed)
  }
  const result = await route.handle(deps, call)
  return answer(route.status, result === undefined ? null : JSON.stringify(result), replayed)
}

async function prove(
  deps: Deps & { limits: RequestLimits },
  request: Request,
  incoming: IncomingMessage | undefined,
): Promise<AdminPrincipal> {
  const { limits } = deps
  const paused = limits.before(() => readAddress(deps, request, incoming))
  if (paused > 0) throw tooMany(paused)
  try {
    const principal = await verifyApiKey(deps, request.headers.get('authorization') ?? '')
    const wait = limits.take(principal.keyId)
    if (wait > 0) throw tooMany(wait)
    return principal
  } catch (error) {
    if (error instanceof TokenRefusal) limits.failed(readAddress(deps, request, incoming))
    throw error
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function answer(status: number, body: string | null, replayed: boolean): Response {
  const headers = new Headers(HEADERS)
  if (body !== null) headers.set('content-type', 'application/json')
  if (replayed) headers.set('idempotency-replayed', 'true')
  return new Response(body, { status, headers })
}

function requireOperator(principal: AdminPrincipal): void {
  if (principal.operator) return
  throw new AdminProblem(403, 'operator-required', 'the party of this API key is no operator')
}

function requireScope(principal: AdminPrincipal, scope: AdminScope): void {
  if (principal.scopes.has(scope)) return
  throw new AdminProblem(403, 'insufficient-scope', `the API key does not allow ${scope}`, {
    headers: { 'www-authenticate': `Bearer realm="admin", error="insufficient_scope", scope="${scope}"` },
  })
}

function readAddress({ config }: Deps, request: Request, incoming: IncomingMessage | undefined): string {
  const read = createAddressReader(config?.trustedProxies ?? [])
  return read(incoming?.socket.remoteAddress, request.headers.get('x-forwarded-for') ?? undefined)
}

function readKey(request: Request): string | null {
  const key = request.headers.get('idempotency-key')
  if (key === null || /^[\x21-\x7e]{1,200}$/.test(key)) return key
  throw new AdminProblem(
    400,
    'idempotency-key-malformed',
    'Idempotency-Key must be 1 to 200 printable ASCII characters',
  )
}
