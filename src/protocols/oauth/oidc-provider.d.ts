/** The part of the library that is used here; it ships no types of its own. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  export type ClientMetadata = Record<string, unknown>
  export type StoredPayload = Record<string, unknown>

  export interface Client {
    readonly clientId: string
    readonly clientAuthMethod: string
    /** separated by spaces */
    readonly scope: string
    compareClientSecret(actual: string): boolean | Promise<boolean>
    grantTypeAllowed(type: string): boolean
    redirectUriAllowed(uri: string): boolean
    responseModeAllowed(mode: string | undefined): boolean
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
    readonly req: IncomingMessage
    /** what its handlers tell each other */
    readonly state: Record<string, unknown>
    readonly response: { get(name: string): string }
    readonly method: string
    readonly query: Readonly<Record<string, string | string[] | undefined>>
    readonly path: string
    status: number
    body: unknown
    type: string
    set(name: string, value: string): void
    remove(name: string): void
    redirect(url: string): void
    readonly oidc: {
      readonly route: string
      /** parsed; absent where there is none to read */
      readonly body?: Readonly<Record<string, string | string[] | undefined>>
      readonly client: Client
      readonly params: Record<string, string | undefined>
      readonly account: { accountId: string }
      readonly session: Session
      readonly grant: Grant | undefined
      /** what the interaction came to, on the way back from it */
      readonly result: { consent?: { grantId: string } } | undefined
      readonly requestParamScopes: ReadonlySet<string>
      readonly entities: Readonly<Record<string, unknown>>
      entity(name: string, value: unknown): void
    }
  }

  /** What an endpoint answers with when it refuses. */
  export type Refused = { error: string; error_description?: string }

  export interface Session {
    uid: string
    accountId?: string
    destroyed?: boolean
  }

  export interface Grant {
    jti: string
    addOIDCScope(scope: string): void
    getOIDCScope(): string
  }

  export interface Interaction {
    readonly uid: string
    readonly params: Record<string, string | undefined>
    readonly returnTo: string
    /** of the policy: which one stopped the request, and what it noted */
    readonly prompt: { name: string; details: object }
    readonly result?: object
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
    readonly Session: { new (): Session; get(ctx: Context): Promise<Session> }
    readonly Grant: new (payload: {
      accountId: string
      clientId: string
    }) => Grant
    /** @throws SessionNotFound when the request's cookie names none */
    interactionDetails(req: IncomingMessage, res: ServerResponse): Promise<Interaction>
    interactionResult(
      req: IncomingMessage,
      res: ServerResponse,
      result: object,
      options: { mergeWithLastSubmission: boolean },
    ): Promise<string>
    /** Does nothing for a name that is taken. */
    registerResponseMode(
      name: string,
      handler: (ctx: Context, redirectUri: string, answer: Record<string, string>) => Promise<void>,
    ): void
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
    InvalidClient: Refusal
    InvalidRedirectUri: Refusal
    InvalidRequestUri: Refusal
    SessionNotFound: Refusal
    UnauthorizedClient: Refusal
    UnsupportedResponseMode: Refusal
    InvalidDpopProof: Refusal
  }

  type CheckFunction = (ctx: Context) => boolean | Promise<boolean>
  export const interactionPolicy: {
    Check: new (reason: string, description: string, error: string, check: CheckFunction) => object
    Prompt: new (
      options: { name: string; requestable: boolean },
      ...detailsAndChecks: ((() => object) | object)[]
    ) => object
  }
}
