import type { Dpop } from './dpop.ts'
import { WebWalletError } from './error.ts'
import { baseOf, type ConnectionOptions } from './options.ts'
import type { TokenSet } from './token-source.ts'
import { createTransport, type HttpAnswer } from './transport.ts'

/** Where the authorization server is, and which client asks. */
export type OauthOptions = ConnectionOptions & {
  clientId: string
  /** A public client has none. */
  clientSecret?: string
  /** Who issues the server's tokens, if it isn't the `url`: its first public URL. */
  issuer?: string
  /** Binds tokens to this key, so that they are of no use to whoever steals them. */
  dpop?: Dpop
}

type Endpoint = 'token' | 'revoke' | 'introspect' | 'par'

/** Posts to the OAuth endpoints as the client that it is. */
export type OauthEndpoints = {
  /** @param repeatWithin as {@link HttpRequest.repeatWithin} */
  post(endpoint: Endpoint, parameters: Record<string, string>, repeatWithin?: number): Promise<HttpAnswer>
  /** A grant at `{url}/oauth/token`. Throws the server's refusal under its OAuth code. */
  grant(parameters: Record<string, string>, repeatWithin?: number): Promise<TokenSet>
}

export function createOauthEndpoints(options: OauthOptions): OauthEndpoints {
  const send = createTransport(options)
  const clock = options.clock ?? Date.now
  const { clientId, clientSecret, dpop } = options
  const client: Record<string, string> =
    clientSecret === undefined
      ? {}
      : { authorization: `Basic ${btoa(`${formEncode(clientId)}:${formEncode(clientSecret)}`)}` }

  const post: OauthEndpoints['post'] = async (endpoint, parameters, repeatWithin) => {
    const url = `${baseOf(options.url)}/oauth/${endpoint}`
    const body = new URLSearchParams(parameters)
    if (clientSecret === undefined) body.set('client_id', clientId)
    return send({
      method: 'POST',
      url,
      headers: async () => ({
        ...client,
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
        ...(dpop !== undefined && endpoint === 'token' ? { dpop: await dpop.proof({ method: 'POST', url }) } : {}),
      }),
      body: body.toString(),
      ...(repeatWithin === undefined ? {} : { repeatWithin }),
    })
  }

  return {
    post,
    async grant(parameters, repeatWithin) {
      const askedAt = clock()
      const answer = await post('token', parameters, repeatWithin)
      const tokens = readTokens(answer, askedAt)
      if (dpop !== undefined && tokens.tokenType !== 'DPoP') {
        throw new WebWalletError('token-not-bound', 'The server did not bind the token to the key', { status: 200 })
      }
      return tokens
    },
  }
}

function readTokens(answer: HttpAnswer, askedAt: number): TokenSet {
  const body = readOauthAnswer(answer)
  if (answer.status !== 200) throw oauthRefusal(answer, body)
  const { access_token: accessToken, token_type: type = 'Bearer', expires_in: lifetime = 60 } = body
  const tokenType = /^bearer$/i.test(String(type)) ? 'Bearer' : /^dpop$/i.test(String(type)) ? 'DPoP' : null
  if (typeof accessToken !== 'string' || typeof lifetime !== 'number' || tokenType === null) {
    throw malformed(answer.status)
  }
  const { refresh_token: refreshToken, scope } = body
  return {
    accessToken,
    tokenType,
    refreshToken: typeof refreshToken === 'string' ? refreshToken : null,
    scope: typeof scope === 'string' ? scope : null,
    issuedAt: askedAt,
    expiresAt: askedAt + lifetime * 1000,
  }
}

/** The JSON object that an OAuth endpoint answers with. */
export function readOauthAnswer({ text, status }: HttpAnswer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // Falls through: text that is no JSON is as wrong as JSON that is no object.
  }
  throw malformed(status)
}

/** RFC 6749, 5.2. */
export function oauthRefusal(
  { status }: HttpAnswer,
  { error, error_description: description }: Record<string, unknown>,
): WebWalletError {
  if (typeof error !== 'string') return malformed(status)
  return new WebWalletError(error, typeof description === 'string' ? description : 'The server refuses', { status })
}

const malformed = (status: number) =>
  new WebWalletError('answer-malformed', 'The server answers in no form of OAuth', { status })

// RFC 6749, 2.3.1: both halves are form-encoded before Basic joins them, so that a colon in either can't be misread.
const formEncode = (text: string) => new URLSearchParams({ '': text }).toString().slice(1)
