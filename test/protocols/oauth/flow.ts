import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { createParty } from '../../../src/operations/create-party.ts'
import {
  type Answer,
  type ClientCredentials,
  form,
  type Harness,
  type Process,
  secretInBody,
  type TokenBody,
} from './harness.ts'

export const REDIRECT = 'https://shop.example/back'

/** An owner with a wallet. */
export async function makeOwner(harness: Harness, wallets = 1) {
  const { id } = await createParty(harness, { kind: 'person', name: 'Ada Moreno' })
  return { id, wallets: await Promise.all(Array.from({ length: wallets }, () => harness.wallet(id))) }
}

export type Owner = Awaited<ReturnType<typeof makeOwner>>

export function makePkce() {
  const verifier = randomBytes(32).toString('base64url')
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') }
}

export const authorizePath = (parameters: Record<string, string> | [string, string][]) =>
  `/oauth/authorize?${new URLSearchParams(parameters)}`

/** The cookies that an answer sets, as a browser sends them back. */
export const cookiesOf = (answer: Answer): string =>
  (answer.headers['set-cookie'] ?? [])
    .map((line) => line.split(';', 1)[0] as string)
    .filter((cookie) => !cookie.endsWith('='))
    .join('; ')

/** Where an answer redirects to. */
export function targetOf(answer: Answer): URL {
  assert.equal(answer.status, 303, `${answer.status} ${answer.text}`)
  return new URL(String(answer.headers.location), 'https://wallet.example')
}

/** What an authorization response says, wherever it says it. */
export function responseOf(answer: Answer): Record<string, string> {
  const { searchParams, hash } = targetOf(answer)
  return Object.fromEntries(hash ? new URLSearchParams(hash.slice(1)) : searchParams)
}

export type Wish = {
  parameters?: Record<string, string>
  decline?: boolean
  wallets?: bigint[]
  scopes?: string[]
  until?: number | null
}

export const requestOf = (client: { id: string }, parameters: Record<string, string> = {}) => ({
  client_id: client.id,
  response_type: 'code',
  redirect_uri: REDIRECT,
  scope: 'balance payments',
  state: 'a state',
  ...parameters,
})

/** From the request to the redirect back to the client, with an owner who decides at once. */
export async function authorize(process: Process, client: { id: string }, owner: Owner, wish: Wish = {}) {
  const parameters = requestOf(client, wish.parameters)
  const begun = await process.send(authorizePath(parameters), { headers: { 'x-signed-in': owner.id } })
  if (!targetOf(begun).pathname.startsWith('/interaction/')) return begun
  return finish(process, begun, owner, { scopes: parameters.scope.split(/[ ,]/), ...wish })
}

/** Decides on a request that waits, and goes the way back. @param last who is signed in by then */
export async function finish(process: Process, begun: Answer, owner: Owner, wish: Wish, last = owner) {
  const cookie = cookiesOf(begun)
  const { scopes = [], until = null, decline = false } = wish
  const wallets = (wish.wallets ?? owner.wallets).map(String)
  const decided = await process.send(targetOf(begun).pathname, {
    headers: { cookie, 'x-decision': JSON.stringify({ partyId: owner.id, wallets, scopes, until, decline }) },
  })
  if (decided.status !== 303) return decided
  return process.send(targetOf(decided).pathname, { headers: { cookie, 'x-signed-in': last.id } })
}

export const redeem = (
  process: Process,
  client: ClientCredentials,
  code: string,
  extra: Record<string, string> = {},
) => {
  const credentials: Record<string, string> = client.secret ? secretInBody(client) : { client_id: client.id }
  const body = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT, ...credentials, ...extra }
  return process.send('/oauth/token', form(body))
}

/** A whole authorization by code, down to the tokens. */
export async function grantByCode(process: Process, client: ClientCredentials, owner: Owner, wish: Wish = {}) {
  const { verifier, challenge } = makePkce()
  const parameters = { ...wish.parameters, code_challenge: challenge, code_challenge_method: 'S256' }
  const answer = await authorize(process, client, owner, { ...wish, parameters })
  const { code } = responseOf(answer)
  assert.ok(code, String(answer.headers.location))
  const tokens = await redeem(process, client, code, { code_verifier: verifier })
  assert.equal(tokens.status, 200, tokens.text)
  return { code, verifier, ...(tokens.body as TokenBody & { token_type: string }) }
}
