import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import * as oauth from 'oauth4webapi'
import * as client from 'openid-client'
import type { SandboxFile } from '../../src/operations/fill-sandbox.ts'
import { answerRequest } from '../support/consent.ts'
import { deleteHome, newHome } from '../support/engines.ts'
import { freePort, type ServerProcess, spawnServer } from '../support/server-process.ts'

// Two OAuth clients that others have written and certified, each by its own documentation, against a server as `npm start` runs it.

const REDIRECT = 'http://127.0.0.1:9/callback'
const SCOPE = 'balance transactions'

const home = newHome()
let server: ServerProcess
let sandbox: SandboxFile
let issuer: URL
before(async () => {
  server = spawnServer('start', await freePort(), { BILLFOLD_HOME: home })
  await server.ready()
  sandbox = JSON.parse(await readFile(join(home, 'sandbox.json'), 'utf8'))
  issuer = new URL(sandbox.url)
})
after(async () => {
  await server.interrupt()
  await deleteHome(home)
})

const ada = () => sandbox.people[0] as SandboxFile['people'][number]
const walletOf = (person: { wallets: string[] }) => person.wallets[0] as string

describe('oauth4webapi', { timeout: 120_000 }, () => {
  const insecure = { [oauth.allowInsecureRequests]: true }
  let as: oauth.AuthorizationServer
  const merchant = () => {
    const { client_id, client_secret } = sandbox.clients.merchant
    const it: oauth.Client = { client_id }
    return { it, auth: oauth.ClientSecretBasic(client_secret) }
  }

  /** The owner's yes to a request. @returns checked parameters of the redirect, and the verifier */
  async function consented(
    who: oauth.Client,
    redirectUri: string,
    send: (parameters: URLSearchParams) => Promise<URL> = async (parameters) => {
      const url = new URL(as.authorization_endpoint as string)
      url.search = parameters.toString()
      return url
    },
  ) {
    const verifier = oauth.generateRandomCodeVerifier()
    const state = oauth.generateRandomState()
    const url = await send(
      new URLSearchParams({
        client_id: who.client_id,
        redirect_uri: redirectUri,
        response_type: 'code',
        scope: SCOPE,
        state,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      }),
    )
    const back = await answerRequest(sandbox.url, url, ada())
    return { callback: oauth.validateAuthResponse(as, who, back, state), verifier }
  }

  it('discovers the server by RFC 8414', async () => {
    const answer = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure })
    as = await oauth.processDiscoveryResponse(issuer, answer)
    for (const name of [
      'token_endpoint',
      'authorization_endpoint',
      'jwks_uri',
      'revocation_endpoint',
      'introspection_endpoint',
      'pushed_authorization_request_endpoint',
    ]) {
      assert.ok(String(as[name]).startsWith(sandbox.url), name)
    }
    assert.equal(as.authorization_response_iss_parameter_supported, true)
    assert.deepEqual(as.code_challenge_methods_supported, ['S256'])
    assert.ok(as.dpop_signing_alg_values_supported?.includes('ES256'))
  })

  it('gets a token by client credentials, and the server tells about it until it is revoked', async () => {
    const { it: who, auth } = merchant()
    const granted = await oauth.processClientCredentialsResponse(
      as,
      who,
      await oauth.clientCredentialsGrantRequest(as, who, auth, { scope: 'balance' }, insecure),
    )
    assert.equal(granted.token_type, 'bearer')
    const look = async () =>
      oauth.processIntrospectionResponse(
        as,
        who,
        await oauth.introspectionRequest(as, who, auth, granted.access_token, insecure),
      )
    const known = await look()
    assert.deepEqual([known.active, known.scope, known.client_id], [true, 'balance', who.client_id])
    await oauth.processRevocationResponse(await oauth.revocationRequest(as, who, auth, granted.access_token, insecure))
    assert.equal((await look()).active, false)
  })

  it('gets consent by code and PKCE for a public client, and reads the wallet', async () => {
    const who = { client_id: sandbox.clients.browser.client_id }
    const redirectUri = 'http://127.0.0.1:9/'
    const { callback, verifier } = await consented(who, redirectUri)
    const redeem = () =>
      oauth.authorizationCodeGrantRequest(as, who, oauth.None(), callback, redirectUri, verifier, insecure)
    const tokens = await oauth.processAuthorizationCodeResponse(as, who, await redeem())
    const answer = await oauth.protectedResourceRequest(
      tokens.access_token,
      'GET',
      new URL(`${sandbox.url}/${walletOf(ada())}/balance`),
      undefined,
      null,
      insecure,
    )
    assert.equal(answer.status, 200)
    await assert.rejects(
      redeem().then((again) => oauth.processAuthorizationCodeResponse(as, who, again)),
      { error: 'invalid_grant' },
    )
  })

  it('pushes the request (PAR), binds code and tokens to a key (DPoP), and rotates the refresh token', async () => {
    const { it: who, auth } = merchant()
    const keys = await oauth.generateKeyPair('ES256')
    const DPoP = oauth.DPoP(who, keys)
    const { callback, verifier } = await consented(who, REDIRECT, async (parameters) => {
      const answer = await oauth.pushedAuthorizationRequest(as, who, auth, parameters, { DPoP, ...insecure })
      const { request_uri } = await oauth.processPushedAuthorizationResponse(as, who, answer)
      const url = new URL(as.authorization_endpoint as string)
      url.search = new URLSearchParams({ client_id: who.client_id, request_uri }).toString()
      return url
    })
    const tokens = await oauth.processAuthorizationCodeResponse(
      as,
      who,
      await oauth.authorizationCodeGrantRequest(as, who, auth, callback, REDIRECT, verifier, { DPoP, ...insecure }),
    )
    assert.equal(tokens.token_type, 'dpop')

    const url = new URL(`${sandbox.url}/${walletOf(ada())}/balance`)
    const proven = await oauth.protectedResourceRequest(tokens.access_token, 'GET', url, undefined, null, {
      DPoP,
      ...insecure,
    })
    assert.equal(proven.status, 200)
    const stolen = await fetch(url, { headers: { authorization: `Bearer ${tokens.access_token}` } })
    assert.equal(stolen.status, 401)

    const refresh = async (token: string) =>
      oauth.processRefreshTokenResponse(
        as,
        who,
        await oauth.refreshTokenGrantRequest(as, who, auth, token, { DPoP, ...insecure }),
      )
    const second = await refresh(tokens.refresh_token as string)
    assert.notEqual(second.refresh_token, tokens.refresh_token)
    const third = await refresh(second.refresh_token as string)
    await assert.rejects(refresh(tokens.refresh_token as string), { error: 'invalid_grant' })
    await assert.rejects(refresh(third.refresh_token as string), { error: 'invalid_grant' })
  })

  it('is told that the owner declined', async () => {
    const { it: who } = merchant()
    const url = new URL(as.authorization_endpoint as string)
    const state = oauth.generateRandomState()
    const verifier = oauth.generateRandomCodeVerifier()
    url.search = new URLSearchParams({
      client_id: who.client_id,
      redirect_uri: REDIRECT,
      response_type: 'code',
      scope: SCOPE,
      // Allowed before, it would not be asked again.
      prompt: 'consent',
      state,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }).toString()
    const back = await answerRequest(sandbox.url, url, ada(), 'decline')
    assert.throws(() => oauth.validateAuthResponse(as, who, back, state), { error: 'access_denied' })
  })
})

describe('openid-client', { timeout: 120_000 }, () => {
  let config: client.Configuration

  it('discovers the server by RFC 8414', async () => {
    const { client_id, client_secret } = sandbox.clients.merchant
    config = await client.discovery(issuer, client_id, undefined, client.ClientSecretPost(client_secret), {
      algorithm: 'oauth2',
      execute: [client.allowInsecureRequests],
    })
    assert.equal(config.serverMetadata().issuer, sandbox.url)
  })

  it('gets a token by client credentials, asks about it, and ends it', async () => {
    const { access_token } = await client.clientCredentialsGrant(config, { scope: 'balance' })
    assert.equal((await client.tokenIntrospection(config, access_token)).active, true)
    await client.tokenRevocation(config, access_token)
    assert.equal((await client.tokenIntrospection(config, access_token)).active, false)
  })

  for (const pushed of [false, true]) {
    it(`gets consent by code and PKCE${pushed ? ', pushed and bound to a key' : ''}, and refreshes`, async () => {
      const DPoP = pushed ? { DPoP: client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256')) } : {}
      const pkceCodeVerifier = client.randomPKCECodeVerifier()
      const expectedState = client.randomState()
      const parameters = {
        redirect_uri: REDIRECT,
        scope: SCOPE,
        state: expectedState,
        code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: 'S256',
      }
      const url = pushed
        ? await client.buildAuthorizationUrlWithPAR(config, parameters, DPoP)
        : client.buildAuthorizationUrl(config, parameters)
      const back = await answerRequest(sandbox.url, url, ada())
      const first = await client.authorizationCodeGrant(config, back, { pkceCodeVerifier, expectedState }, {}, DPoP)
      const second = await client.refreshTokenGrant(config, first.refresh_token as string, {}, DPoP)
      assert.notEqual(second.refresh_token, first.refresh_token)
      const balance = new URL(`${sandbox.url}/${walletOf(ada())}/balance`)
      const answer = await client.fetchProtectedResource(
        config,
        second.access_token,
        balance,
        'GET',
        null,
        undefined,
        DPoP,
      )
      assert.equal(answer.status, 200)
      await client.tokenRevocation(config, second.refresh_token as string)
      await assert.rejects(client.refreshTokenGrant(config, second.refresh_token as string, {}, DPoP), {
        error: 'invalid_grant',
      })
    })
  }
})
