import type { z } from 'zod'
import type { AdminScope } from '../../credentials/admin-scopes.ts'
import type { AdminPrincipal } from '../../credentials/api-key.ts'
import type { Deps } from '../../deps.ts'
import type { Command } from '../../ledger/command.ts'
import type { Sql } from '../../storage/database.ts'

/** A request that has passed every check of its route. */
export type Call<Query, Input> = {
  principal: AdminPrincipal
  /** under whose name the act is kept, e.g. in the ledger */
  actor: string
  params: Record<string, string>
  query: Query
  input: Input
  /** where to read and write: the request's transaction if its route has `once: 'transaction'` */
  sql: Sql
  /** of a route with `once: 'ledger'`: keeps the answer under the request's key, in the transaction of the ledger's command */
  keep(answer: object): NonNullable<Command['effects']>
  /** the request's `Idempotency-Key`, for a route with `once: 'itself'` */
  key: string | null
  /** of such a route: says that the answer is one that was given before */
  markReplayed(): void
  /** the network address that asks; '' when there is none */
  address(): string
  /** of a route that takes an upload: its bytes, as they come */
  upload: AsyncIterable<Uint8Array>
}

/** One route: what is served and what is documented. */
export type AdminRoute = {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** below `/admin/v1`, with parameters in braces */
  path: string
  scope: AdminScope
  /** Open to keys of every party, and reaches that party's own wallets only; other routes are for operators. */
  merchants?: true
  summary: string
  description?: string
  status: 200 | 201 | 204
  query?: z.ZodType
  input?: z.ZodType
  /** absent: an answer without a body */
  output?: z.ZodType
  /** The body is no JSON but a file of this type, read as it comes. */
  upload?: { type: 'text/csv'; description: string; example: string }
  /**
   * The route takes an `Idempotency-Key`, and its effect and its answer are kept together: in one transaction of the
   * database, in that of a command of the ledger, or as the route itself sees to.
   */
  once?: 'transaction' | 'ledger' | 'itself'
  handle(deps: Deps, call: Call<unknown, unknown>): Promise<unknown>
}

type Of<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined

/** A route whose handler's types come from its schemas. */
export function route<
  Query extends z.ZodType | undefined = undefined,
  Input extends z.ZodType | undefined = undefined,
  Output extends z.ZodType | undefined = undefined,
>(
  definition: Omit<AdminRoute, 'query' | 'input' | 'output' | 'handle' | 'status'> & {
    status?: AdminRoute['status']
    query?: Query
    input?: Input
    output?: Output
    handle(
      deps: Deps,
      call: Call<Of<Query>, Of<Input>>,
    ): Promise<Output extends z.ZodType ? z.input<Output> : undefined>
  },
): AdminRoute {
  return { status: 200, ...definition } as AdminRoute
}
