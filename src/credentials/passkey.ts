import { randomBytes } from 'node:crypto'
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server'
import type { Sql } from '../storage/database.ts'
import { findPasskey, listPasskeys, type PasskeyRow } from '../storage/passkeys.ts'
import type { ChallengePurpose, PasskeyChallenges } from './passkey-challenge.ts'
import { equalBytes } from './secrets.ts'

/** Where passkeys are used: the relying party's id and the origins that belong to it. */
export type PasskeySite = { readonly rpId: string; readonly origins: readonly string[] }

/** For whom a challenge was made, and where its answer must come from. */
export type PasskeyScope = { readonly bind: string; readonly site: PasskeySite | null }

/** A right answer; using it takes the challenge and counts the key. */
export type PasskeyAnswer = {
  readonly id: string
  readonly email: string
  readonly counter: number
  readonly challenge: { readonly hash: Buffer; readonly expiresAt: number }
}

const LONGEST_ANSWER = 20_000

// EdDSA, ES256, RS256 (the COSE registry's numbers): what authenticators have. Left to itself the library asks Node for more, which
// warns of an experiment.
const ALGORITHMS = [-8, -7, -257]

// A megabyte of formats: loaded when the first passkey is used.
const library = () => import('@simplewebauthn/server')

/** 256 random bits: what a passkey calls its owner. No address, which a lost key would tell (Web Authentication section 14.6.1). */
export const makePasskeyHandle = (): Buffer => randomBytes(32)

/** What the browser's `navigator.credentials.get` is given. Any passkey of this site may answer, so the page names none. */
export const requestOptions = (
  challenges: PasskeyChallenges,
  purpose: ChallengePurpose,
  bind: string,
  site: PasskeySite,
): object => ({
  challenge: Buffer.from(challenges.make(purpose, bind)).toString('base64url'),
  rpId: site.rpId,
  timeout: 120_000,
  userVerification: 'required',
})

/** What `navigator.credentials.create` is given: a key that knows its owner and asks for finger, face or PIN. */
export async function creationOptions(
  sql: Sql,
  challenges: PasskeyChallenges,
  person: { email: string; name: string; handle: Buffer },
  { bind, site }: { bind: string; site: PasskeySite },
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const { generateRegistrationOptions } = await library()
  const known = await listPasskeys(sql, person.email)
  return generateRegistrationOptions({
    rpName: 'Billfold',
    rpID: site.rpId,
    userName: person.email,
    userDisplayName: person.name,
    userID: new Uint8Array(person.handle),
    challenge: challenges.make('register', bind),
    timeout: 120_000,
    attestationType: 'none',
    supportedAlgorithmIDs: ALGORITHMS,
    excludeCredentials: known.map(({ id }) => ({ id })),
    authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
  })
}

/** Reads what a form holds of a browser's answer; null when it cannot be one. Its members are the callers' to judge. */
function readAnswer(text: string): { id?: unknown; response?: { userHandle?: unknown } } | null {
  if (text.length > LONGEST_ANSWER) return null
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

type Made = Pick<PasskeyRow, 'id' | 'public_key' | 'counter' | 'transports' | 'backed_up'>

/** Checks a new key (Web Authentication section 7.1). @returns null when the answer is not one to our challenge from our pages */
export async function checkCreation(
  challenges: PasskeyChallenges,
  text: string,
  { bind, site }: PasskeyScope,
): Promise<{ key: Made; challenge: PasskeyAnswer['challenge'] } | null> {
  const response = readAnswer(text) as RegistrationResponseJSON | null
  if (!response || !site) return null
  let challenge: PasskeyAnswer['challenge'] | null = null
  const { verifyRegistrationResponse } = await library()
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response,
      expectedChallenge: (given) => {
        challenge = challenges.read('register', bind, given)
        return challenge !== null
      },
      expectedOrigin: [...site.origins],
      expectedRPID: site.rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    })
    if (!verified || challenge === null) return null
    const { credential, credentialBackedUp } = registrationInfo
    const transports = (credential.transports ?? []).filter((name) => /^[a-z-]{1,20}$/.test(name)).slice(0, 8)
    const key = {
      id: credential.id,
      public_key: Buffer.from(credential.publicKey),
      counter: credential.counter,
      transports: transports.join(' '),
      backed_up: credentialBackedUp,
    }
    return { key, challenge }
  } catch {
    // The library throws for everything that is wrong with an answer.
    return null
  }
}

/**
 * Checks an answer to a challenge (Web Authentication section 7.2): known key, signature, origin, relying party, user verified. Writes
 * nothing: {@link PasskeyAnswer} says what using it takes.
 */
export async function checkAnswer(
  sql: Sql,
  challenges: PasskeyChallenges,
  text: string,
  scope: PasskeyScope & { purpose: ChallengePurpose },
): Promise<PasskeyAnswer | null> {
  const response = readAnswer(text)
  const { site, bind, purpose } = scope
  if (!response || !site || typeof response.id !== 'string' || response.id.length > 1400) return null
  const known = await findPasskey(sql, response.id)
  if (!known || !handleMatches(known.handle, response.response?.userHandle)) return null
  let challenge: PasskeyAnswer['challenge'] | null = null
  const { verifyAuthenticationResponse } = await library()
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: response as AuthenticationResponseJSON,
      expectedChallenge: (given) => {
        challenge = challenges.read(purpose, bind, given)
        return challenge !== null
      },
      expectedOrigin: [...site.origins],
      expectedRPID: site.rpId,
      credential: { id: known.id, publicKey: new Uint8Array(known.public_key), counter: known.counter },
      requireUserVerification: true,
    })
    if (!verified || challenge === null) return null
    return { id: known.id, email: known.email, counter: authenticationInfo.newCounter, challenge }
  } catch {
    return null
  }
}

/** Discoverable keys say whose they are (section 7.2, step 6); a key of ours always is one. */
const handleMatches = (handle: Buffer | null, given: unknown): boolean =>
  handle !== null && typeof given === 'string' && equalBytes(handle, Buffer.from(given, 'base64url'))
