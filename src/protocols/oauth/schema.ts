import { z } from 'zod'

// The parameters of the endpoints. Their values are texts, checked by the library and by the grants; of the token endpoint the library
// hears from here which parameters there are.

const text = z.string()
const scope = text.optional().describe('Separated by blanks or commas; all of the client’s where it is absent')

/** What each grant takes beside `grant_type` and the client's authentication. */
export const grants = {
  authorization_code: z.object({
    code: text.describe('From the redirect, good for 60 seconds and once'),
    redirect_uri: text.describe('The same as in the authorization request'),
    code_verifier: text.optional().describe('Of PKCE (RFC 7636); public clients need it'),
  }),
  client_credentials: z.object({ scope }),
  refresh_token: z.object({
    refresh_token: text.describe('The last one that was given'),
    scope: text.optional().describe('Narrows the new access token'),
  }),
} as const

export type GrantName = keyof typeof grants

export const parametersOf = (grant: GrantName): string[] => Object.keys(grants[grant].shape)

const client = {
  client_id: text.optional().describe('Where the client does not prove itself by Basic'),
  client_secret: text.optional().describe('Where the client does not prove itself by Basic; public clients have none'),
}

/** A body of the token endpoint, by its grant. */
export const tokenRequest = z.union([
  grants.client_credentials.extend({ grant_type: z.literal('client_credentials'), ...client }),
  grants.refresh_token.extend({ grant_type: z.literal('refresh_token'), ...client }),
  grants.authorization_code.extend({ grant_type: z.literal('authorization_code'), ...client }),
])

export const tokenInQuestion = z.object({
  token: text.describe('An access token or a refresh token'),
  token_type_hint: text.optional(),
  ...client,
})

export const authorizationRequest = z.object({
  response_type: z.enum(['code', 'token']).describe('`token` only of clients that an operator has allowed it'),
  client_id: text.describe('Of the application'),
  redirect_uri: text.describe('One that is registered, character by character'),
  scope,
  state: text.optional().describe('Comes back as it was sent'),
  code_challenge: text.optional().describe('Of PKCE; public clients need it'),
  code_challenge_method: z.literal('S256').optional().describe('The only one there is'),
  response_mode: z
    .enum(['query', 'fragment'])
    .optional()
    .describe('Where the answer stands; a token goes into the fragment only'),
  prompt: z
    .enum(['none', 'login', 'consent'])
    .optional()
    .describe('Nothing is shown; the person signs in again; or decides again'),
  dpop_jkt: text.optional().describe('The thumbprint of the key that the tokens are bound to (RFC 9449)'),
})

/** The same request, or the name of one that was pushed. */
export const authorizationQuery = authorizationRequest
  .partial()
  .required({ client_id: true })
  .extend({ request_uri: text.optional().describe('From `/oauth/par`; then the rest is not used') })

export const pushedRequest = authorizationRequest.extend({ client_secret: client.client_secret })

export const proof = z.object({
  DPoP: text.optional().describe('A proof of the key that the access token is bound to (RFC 9449)'),
})
