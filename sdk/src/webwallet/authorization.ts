import { encodeBase64url } from '../protocol/base64url.ts'
import { WebWalletError } from './error.ts'
import { baseOf } from './options.ts'
import { type OauthEndpoints, type OauthOptions, oauthRefusal, readOauthAnswer } from './token-endpoint.ts'
import type { TokenSet } from './token-source.ts'

/** What an owner is asked for, and where they come back to. */
export type AuthorizeParams = {
  /** One of the client's, exactly. */
  redirectUri: string
  /** Scopes to ask for, separated by spaces; all of the client's if left out. */
  scope?: string
  /** Asks the owner even if they have allowed it before. */
  askAgain?: boolean
  /** Hands the request to the server first, so that nobody on its way through the browser reads or changes it (RFC 9126). */
  pushed?: boolean
}

/** What has to be kept, in the session of whoever was sent away, until they come back: plain JSON. */
export type PendingAuthorization = { state: string; codeVerifier: string; redirectUri: string }

/**
 * Where to send the owner to be asked (RFC 6749, 4.1, with PKCE of RFC 7636), and what to keep meanwhile.
 */
export async function beginAuthorization(
  options: OauthOptions,
  endpoints: OauthEndpoints,
  { redirectUri, scope, askAgain = false, pushed = false }: AuthorizeParams,
): Promise<{ url: string; pending: PendingAuthorization }> {
  const pending = { state: randomText(), codeVerifier: randomText(), redirectUri }
  const challenge = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(pending.codeVerifier))
  const parameters: Record<string, string> = {
    client_id: options.clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    state: pending.state,
    code_challenge: encodeBase64url(new Uint8Array(challenge)),
    code_challenge_method: 'S256',
    ...(scope === undefined ? {} : { scope }),
    ...(askAgain ? { prompt: 'consent' } : {}),
    // Binds the code itself to the key (RFC 9449, 10).
    ...(options.dpop === undefined ? {} : { dpop_jkt: options.dpop.thumbprint }),
  }
  const search = new URLSearchParams(
    pushed ? { client_id: options.clientId, request_uri: await push(endpoints, parameters) } : parameters,
  )
  return { url: `${baseOf(options.url)}/oauth/authorize?${search}`, pending }
}

async function push(endpoints: OauthEndpoints, parameters: Record<string, string>): Promise<string> {
  const answer = await endpoints.post('par', parameters)
  const body = readOauthAnswer(answer)
  if (answer.status === 201 && typeof body.request_uri === 'string') return body.request_uri
  throw oauthRefusal(answer, body)
}

/**
 * Tokens for the code in the address that the owner came back to. The address must carry the state of this authorization
 * (it could be somebody else's, RFC 6749, 10.12) and name the issuer that was asked (RFC 9207). A code is sent once and never again:
 * when its answer gets lost, begin anew.
 */
export async function finishAuthorization(
  options: OauthOptions,
  endpoints: OauthEndpoints,
  callback: string | URL,
  pending: PendingAuthorization,
): Promise<TokenSet> {
  const { searchParams } = new URL(callback)
  const single = (name: string) => {
    const values = searchParams.getAll(name)
    if (values.length > 1) throw mismatch(`more than one ${name}`)
    return values[0] ?? null
  }
  if (single('state') !== pending.state) throw mismatch('the state of another authorization')
  if (single('iss') !== (options.issuer ?? baseOf(options.url))) throw mismatch('another issuer')
  const error = single('error')
  if (error !== null) {
    throw new WebWalletError(error, single('error_description') ?? 'The authorization was refused', { status: 0 })
  }
  const code = single('code')
  if (code === null) throw mismatch('no code')
  return endpoints.grant(
    { grant_type: 'authorization_code', code, redirect_uri: pending.redirectUri, code_verifier: pending.codeVerifier },
    0,
  )
}

const mismatch = (what: string) =>
  new WebWalletError('callback-mismatch', `The address that the owner came back to carries ${what}`, { status: 0 })

const randomText = () => encodeBase64url(crypto.getRandomValues(new Uint8Array(32)))
