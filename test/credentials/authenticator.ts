import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'

// An authenticator and its browser in a few lines, written apart from the library that checks them (Web Authentication level 3).

export const RP_ID = 'pay.example'
export const ORIGIN = 'https://pay.example'

/** What an odd one does differently. */
export type Oddity = {
  origin?: string
  rpId?: string
  type?: string
  /** of the authenticator data (section 6.1): 1 present, 4 verified, 8 may be backed up, 16 is */
  flags?: number
  counter?: number
  transports?: unknown
  userHandle?: unknown
  /** says this name for its key */
  id?: unknown
  /** changes what was signed, after it was */
  spoil?: boolean
}

type Cbor = number | string | Uint8Array | ReadonlyMap<Cbor, Cbor>

function head(major: number, length: number): Buffer {
  const first = major << 5
  if (length < 24) return Buffer.of(first | length)
  return length < 256 ? Buffer.of(first | 24, length) : Buffer.of(first | 25, length >> 8, length & 255)
}

/** RFC 8949, as much of it as a key needs. */
function cbor(value: Cbor): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value)
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value])
  return Buffer.concat([head(5, value.size), ...[...value].flatMap(([name, one]) => [cbor(name), cbor(one)])])
}

const sha256 = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest()
const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')

/** @param alg of its key; `ES384` is one that is not asked for */
export function createAuthenticator(alg: 'ES256' | 'EdDSA' | 'ES384' = 'ES256') {
  const pair =
    alg === 'EdDSA'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: alg === 'ES256' ? 'P-256' : 'P-384' })
  const { x = '', y = '' } = pair.publicKey.export({ format: 'jwk' })
  const bytes = (text: string) => Buffer.from(text, 'base64url')
  const curve = new Map<Cbor, Cbor>(
    alg === 'EdDSA'
      ? [
          [1, 1],
          [3, -8],
          [-1, 6],
          [-2, bytes(x)],
        ]
      : [
          [1, 2],
          [3, alg === 'ES256' ? -7 : -35],
          [-1, alg === 'ES256' ? 1 : 2],
          [-2, bytes(x)],
          [-3, bytes(y)],
        ],
  )
  const id = base64url(randomBytes(16))

  const client = (type: string, challenge: string, { origin = ORIGIN, type: other = type }: Oddity) =>
    Buffer.from(JSON.stringify({ type: other, challenge, origin, crossOrigin: false }))
  const data = ({ rpId = RP_ID, counter = 0 }: Oddity, flags: number, more: Uint8Array = new Uint8Array()) => {
    const count = Buffer.alloc(4)
    count.writeUInt32BE(counter)
    return Buffer.concat([sha256(rpId), Buffer.of(flags), count, more])
  }
  const shown = (odd: Oddity, response: object) =>
    JSON.stringify({ id: odd.id ?? id, rawId: odd.id ?? id, type: 'public-key', clientExtensionResults: {}, response })

  return {
    id,
    publicKey: cbor(curve),
    /** What a browser answers to `navigator.credentials.create`, as JSON. */
    create(challenge: string, odd: Oddity = {}): string {
      const named = Buffer.concat([Buffer.alloc(16), Buffer.of(0, 16), Buffer.from(id, 'base64url'), cbor(curve)])
      const authData = data(odd, 64 | (odd.flags ?? 5), named)
      const attestation = new Map<Cbor, Cbor>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', authData],
      ])
      return shown(odd, {
        clientDataJSON: base64url(client('webauthn.create', challenge, odd)),
        attestationObject: base64url(cbor(attestation)),
        transports: odd.transports,
      })
    },
    /** What a browser answers to `navigator.credentials.get`, as JSON. */
    get(challenge: string, userHandle: Uint8Array, odd: Oddity = {}): string {
      const authData = data(odd, odd.flags ?? 5)
      const text = client('webauthn.get', challenge, odd)
      const signed = Buffer.concat([authData, sha256(text)])
      const signature = sign(alg === 'EdDSA' ? null : alg === 'ES256' ? 'sha256' : 'sha384', signed, pair.privateKey)
      if (odd.spoil) signed[33] = (signed[33] as number) ^ 1
      return shown(odd, {
        clientDataJSON: base64url(text),
        authenticatorData: base64url(odd.spoil ? signed.subarray(0, authData.length) : authData),
        signature: base64url(signature),
        userHandle: 'userHandle' in odd ? odd.userHandle : base64url(userHandle),
      })
    },
  }
}

export type Authenticator = ReturnType<typeof createAuthenticator>
