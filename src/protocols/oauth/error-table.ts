type Facts = { readonly http: number | readonly number[]; readonly meaning: string }

/** Every code of the JSON answers. What goes back to applications in addresses is of RFC 6749 section 4.1.2.1. */
export const oauthErrors = {
  invalid_request: {
    http: [400, 413],
    meaning: 'A parameter is missing, malformed or repeated, or the body is broken or too large',
  },
  invalid_client: { http: 401, meaning: 'The client is unknown or disabled, or its secret is wrong' },
  invalid_grant: {
    http: 400,
    meaning: 'The code or refresh token is unknown, used, over, or another client’s or key’s',
  },
  unauthorized_client: { http: 400, meaning: 'The client may not use this grant, or was disabled' },
  unsupported_grant_type: { http: 400, meaning: 'There is no such grant' },
  unsupported_response_type: { http: 400, meaning: 'There is no such response type' },
  invalid_scope: { http: 400, meaning: 'A scope is unknown, or not the client’s' },
  invalid_dpop_proof: { http: 400, meaning: 'The proof of the key is malformed, stale or used before' },
  temporarily_unavailable: {
    http: [429, 503],
    meaning:
      'Too many requests were begun at this address; or the database cannot be reached: come back after `Retry-After`',
  },
  not_found: { http: 404, meaning: 'The authorization server has no such path' },
  method_not_allowed: { http: 405, meaning: '`Allow` says what the path takes' },
  server_error: { http: 500, meaning: 'A fault of the server' },
} as const satisfies Record<string, Facts>

export type OauthCode = keyof typeof oauthErrors
