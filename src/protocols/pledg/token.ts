import type { IncomingMessage } from 'node:http'
import { readBody } from '../../http/node.ts'
import type { ApiCall } from '../../operations/calls/call-log.ts'
import type { Authenticate } from './authenticate.ts'
import { PledgProblem } from './errors.ts'
import { readings } from './readings.ts'
import { tokenForm } from './schema.ts'

/**
 * `POST /api/token`: key and secret for a bearer token of ten minutes, without a refresh token. The form is
 * `grant_type=client_credentials` and nothing else (RFC 6749 section 4.4, without scopes).
 */
export async function issueToken(authenticate: Authenticate, req: IncomingMessage, call: ApiCall): Promise<string> {
  const text = await readBody(req, readings.bodyLimit)
  const credential = await authenticate.client(req, call)
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = req.headers
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type) || encoding.toLowerCase() !== 'identity')
    throw malformed('The body must be application/x-www-form-urlencoded')
  const [grant, ...more] = [...new URLSearchParams(text)]
  if (grant?.[0] !== 'grant_type' || more.length > 0)
    throw malformed('The body must be grant_type=client_credentials and nothing else')
  if (!tokenForm.shape.grant_type.safeParse(grant[1]).success)
    throw new PledgProblem('invalid_request_error', 'The only grant is client_credentials', {
      oauth: 'unsupported_grant_type',
    })
  const token = (await authenticate.tokens()).issue(credential)
  return JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: readings.tokenLife })
}

const malformed = (message: string) => new PledgProblem('invalid_request_error', message, { oauth: 'invalid_request' })
