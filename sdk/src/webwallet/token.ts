import { WebWalletError } from './error.ts'
import type { HttpAnswer, Transport } from './transport.ts'
import type { WebWalletOptions } from './types.ts'

/** Access tokens of one client: fetched when needed, kept until shortly before they expire. */
export type TokenSource = {
  get(): Promise<string>
  /** Forgets a token that the server no longer takes. */
  drop(token: string): void
}

type Token = { value: string; staleAt: number }

/** Client credentials at `{url}/oauth/token` (RFC 6749, 4.4). Callers that arrive together share one request. */
export function createTokenSource(
  url: string,
  options: Pick<WebWalletOptions, 'clientId' | 'clientSecret' | 'scope'>,
  send: Transport,
  clock: () => number,
): TokenSource {
  const basic = base64(`${formEncode(options.clientId)}:${formEncode(options.clientSecret)}`)
  const body = new URLSearchParams({ grant_type: 'client_credentials' })
  if (options.scope !== undefined) body.set('scope', options.scope)
  let token: Token | null = null
  let running: Promise<Token> | null = null

  async function request(): Promise<Token> {
    const askedAt = clock()
    const answer = await send({
      method: 'POST',
      url: `${url}/oauth/token`,
      headers: {
        authorization: `Basic ${basic}`,
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
      },
      body: body.toString(),
    })
    return readToken(answer, askedAt)
  }

  return {
    async get() {
      if (token !== null && clock() < token.staleAt) return token.value
      running ??= request().finally(() => {
        running = null
      })
      token = await running
      return token.value
    },
    drop(value) {
      if (token?.value === value) token = null
    },
  }
}

function readToken(answer: HttpAnswer, askedAt: number): Token {
  const { access_token: value, expires_in: lifetime = 60, error, error_description: description } = readObject(answer)
  if (answer.status === 200 && typeof value === 'string' && typeof lifetime === 'number') {
    // Early by a tenth, at most half a minute, so that a token does not expire on its way.
    return { value, staleAt: askedAt + lifetime * 1000 - Math.min(30_000, lifetime * 100) }
  }
  if (answer.status === 200 || typeof error !== 'string') throw malformed(answer.status)
  const message = typeof description === 'string' ? description : 'The server refuses a token'
  throw new WebWalletError(error, message, { status: answer.status })
}

function readObject({ text, status }: HttpAnswer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // Falls through: text that is no JSON is as wrong as JSON that is no object.
  }
  throw malformed(status)
}

const malformed = (status: number) =>
  new WebWalletError('answer-malformed', 'The token endpoint answers in no form of OAuth', { status })

// RFC 6749, 2.3.1: both halves are form-encoded before Basic joins them, so that a colon in either can't be misread.
const formEncode = (text: string) => new URLSearchParams({ '': text }).toString().slice(1)

const base64 = (ascii: string) => btoa(ascii)
