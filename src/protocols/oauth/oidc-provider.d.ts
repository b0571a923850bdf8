/** The part of the library that is used here; it ships no types of its own. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  export type ClientMetadata = Record<string, unknown>
  export type StoredPayload = Record<string, unknown>

  export interface Client {
    readonly clientId: string
    readonly clientAuthMethod: string
    compareClientSecret(actual: string): boolean | Promise<boolean>
    grantTypeAllowed(type: string): boolean
  }

  export interface Adapter {
    upsert(id: string, payload: StoredPayload, expiresIn?: number): Promise<void>
    find(id: string): Promise<StoredPayload | undefined>
    findByUserCode(userCode: string): Promise<StoredPayload | undefined>
    findByUid(uid: string): Promise<StoredPayload | undefined>
    consume(id: string): Promise<void>
    destroy(id: string): Promise<void>
    revokeByGrantId(grantId: string): Promise<void>
  }

  export interface Context {
    readonly method: string
    readonly path: string
    status: number
    body: unknown
    type: string
    set(name: string, value: string): void
    remove(name: string): void
    readonly oidc: { readonly client: Client; readonly params: Record<string, string | undefined> }
  }

  export default class Provider {
    constructor(issuer: string, configuration: Record<string, unknown>)
    readonly issuer: string
    /** The prototype of every request of this instance (Koa). */
    readonly request: object
    readonly Client: {
      new (metadata: ClientMetadata): Client
      prototype: Client
      find(id: string): Promise<Client | undefined>
    }
    silent: boolean
    use(middleware: (ctx: Context, next: () => Promise<void>) => Promise<void>): this
    on(event: 'server_error', listener: (ctx: Context, error: Error) => void): this
    on(event: 'error', listener: (error: Error) => void): this
    callback(): (req: IncomingMessage, res: ServerResponse) => Promise<void>
    registerGrantType(name: string, handler: (ctx: Context) => Promise<void>, parameters: string[]): void
  }

  type Refusal = new (description?: string) => Error
  export const errors: {
    InvalidRequest: Refusal
    InvalidScope: new (description: string, scope?: string) => Error
    /** Its argument is for the log only. */
    InvalidGrant: Refusal
    UnauthorizedClient: Refusal
  }
}
