import { keepScript } from './scripts.ts'
import type { Auth, Item, Script } from './types.ts'

const bearer = (variable: string): Auth => ({
  type: 'bearer',
  bearer: [{ key: 'token', value: `{{${variable}}}`, type: 'string' }],
})
const basic = (name: string, secret: string): Auth => ({
  type: 'basic',
  basic: [
    { key: 'username', value: `{{${name}}}`, type: 'string' },
    { key: 'password', value: `{{${secret}}}`, type: 'string' },
  ],
})

/** What a collection knows beside its document. */
export type Profile = {
  /** what the reader fills in, and what requests leave for others */
  variables: readonly string[]
  /** how Postman itself proves a request, by the document's scheme; what is not here a script signs */
  auth: Readonly<Record<string, Auth>>
  /** what is kept of answers, by operation and example */
  keep?: Readonly<Record<string, Script>>
  /** members of bodies that are another text each time, or a variable */
  fill?: Readonly<Record<string, string>>
  /** requests before those of the document */
  before?: readonly Item[]
}

const walletToken: Item = {
  name: 'Get an access token',
  event: [keepScript('access_token', 'accessToken')],
  request: {
    method: 'POST',
    description: 'For the requests that follow.',
    auth: basic('clientId', 'clientSecret'),
    header: [],
    url: { raw: '{{baseUrl}}/oauth/token', host: ['{{baseUrl}}'], path: ['oauth', 'token'] },
    body: { mode: 'urlencoded', urlencoded: [{ key: 'grant_type', value: 'client_credentials' }] },
  },
  response: [],
}

const NONE: Profile = { variables: [], auth: {} }

const profiles: Readonly<Record<string, Profile>> = {
  webwallet: {
    variables: ['clientId', 'clientSecret', 'signingSecret', 'accessToken'],
    auth: { oauth: bearer('accessToken') },
    before: [walletToken],
  },
  oauth: {
    variables: ['clientId', 'clientSecret', 'accessToken', 'refreshToken'],
    auth: { basic: basic('clientId', 'clientSecret') },
    keep: { 'issueToken.client_credentials': keepScript('refresh_token', 'refreshToken') },
    fill: { refresh_token: '{{refreshToken}}', token: '{{refreshToken}}' },
  },
  walleo: {
    variables: ['apiKey', 'identifier', 'sharedKey'],
    auth: {},
    fill: { request_id: '{{$guid}}' },
  },
  tillo: { variables: ['apiKey', 'secret'], auth: {}, fill: { client_request_id: '{{$guid}}' } },
  pledg: {
    variables: ['apiKey', 'apiSecret', 'merchantUid', 'companyUid', 'merchantSecret', 'accessToken'],
    auth: { apiKey: basic('apiKey', 'apiSecret'), token: bearer('accessToken') },
    keep: { issueToken: keepScript('access_token', 'accessToken') },
    fill: { merchantUid: '{{merchantUid}}', companyUid: '{{companyUid}}', reference: 'ORDER-{{$guid}}' },
  },
  jackpot: {
    variables: ['apiKey', 'apiSignature', 'clientSecret', 'sessionToken', 'machineToken'],
    auth: { client: bearer('sessionToken'), machine: bearer('machineToken') },
    keep: {
      'openSession.client': keepScript('access_token', 'sessionToken'),
      'openSession.machine': keepScript('access_token', 'machineToken'),
      openSessionV1: keepScript('sessionToken', 'sessionToken'),
    },
    fill: {
      client_id: '{{apiKey}}',
      apiKey: '{{apiKey}}',
      client_secret: '{{clientSecret}}',
      assertion: '{{initializationToken}}',
      initializationToken: '{{initializationToken}}',
      notificationKey: '{{$guid}}',
    },
  },
  admin: { variables: ['apiKey'], auth: { apiKey: bearer('apiKey') } },
}

export const profileOf = (name: string): Profile => profiles[name] ?? NONE
