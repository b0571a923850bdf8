import { createPrivateKey, createPublicKey, generateKeyPairSync, hash, type KeyObject } from 'node:crypto'
import type { Database } from '../storage/database.ts'
import {
  insertSigningKey,
  listSigningKeys,
  lockSigningKeys,
  type PublicJwk,
  retireSigningKeysExcept,
  type SigningKeyRow,
} from '../storage/signing-keys.ts'
import type { Keyring } from './keyring.ts'
import { TRANSACTION_TOKEN_MAX_MS } from './transaction-token.ts'

/** The keys that sign tokens, as this process knows them. */
export type SigningKeys = {
  /** The key to sign with now. */
  signer(): { kid: string; key: KeyObject }
  /** A public key of ours by its id; a promise when it is unknown and the database has to be asked. */
  find(kid: string): KeyObject | undefined | Promise<KeyObject | undefined>
  /** What to publish: every key whose tokens may be alive, and the next one ahead of its time. */
  published(): readonly PublicJwk[]
  /**
   * Private JWKs of the keys in use, the signing one first, for the OAuth library, which signs with the first that fits. The same
   * array for as long as nothing of it changes.
   */
  privateJwks(): readonly EcPrivateJwk[]
  /** Reads the table again. @returns whether the keys changed */
  reload(): Promise<boolean>
}

// Longer than any token lives: transaction tokens live longest.
const KEEP_RETIRED_MS = TRANSACTION_TOKEN_MAX_MS + 2 * 3_600_000
/** A new key signs only after every process has had time to publish it. */
export const KEY_LEAD_MS = 150_000
const ASK_AGAIN_AFTER_MS = 5_000

type EcPrivateJwk = PublicJwk & { d: string }
type Known = { row: SigningKeyRow; privateJwk: EcPrivateJwk; privateKey: KeyObject; publicKey: KeyObject }
type Deps = { db: Database; keyring: Keyring; clock: () => number; monotonic: () => number }

const context = (kid: string) => `signing-key:${kid}`

/** Reads the keys, and makes the first one where there is none. Of two processes starting together one makes it. */
export async function createSigningKeys(deps: Deps): Promise<SigningKeys> {
  let known: Known[] = []
  let readAt = Number.NEGATIVE_INFINITY
  let inUse: readonly EcPrivateJwk[] = []

  async function reload() {
    const rows = await listSigningKeys(deps.db, new Date(deps.clock() - KEEP_RETIRED_MS))
    const before = known.map(({ row }) => `${row.kid}${row.retired_at?.getTime()}`).join()
    known = rows
      .map((row) => known.find((one) => one.row.kid === row.kid) ?? openKey(row, deps.keyring))
      .map((one, i) => ({
        ...one,
        row: rows[i] as SigningKeyRow,
      }))
    readAt = deps.monotonic()
    return before !== known.map(({ row }) => `${row.kid}${row.retired_at?.getTime()}`).join()
  }

  await reload()
  if (known.length === 0) {
    await addSigningKey(deps, { onlyFirst: true, activeAt: deps.clock() })
    await reload()
  }

  const find = (kid: string) => known.find(({ row }) => row.kid === kid)?.publicKey

  function signing(): Known {
    const now = deps.clock()
    const active = known.filter(({ row }) => row.active_at.getTime() <= now)
    const one =
      active.find(({ row }) => row.retired_at === null || row.retired_at.getTime() > now) ?? active[0] ?? known[0]
    if (!one) throw new Error('there is no signing key')
    return one
  }

  return {
    signer() {
      const { row, privateKey } = signing()
      return { kid: row.kid, key: privateKey }
    },
    find(kid) {
      const key = find(kid)
      // Invented ids must not turn into queries, so the table is asked at most once in a while.
      if (key || deps.monotonic() - readAt < ASK_AGAIN_AFTER_MS) return key
      return reload().then(() => find(kid))
    },
    published: () => known.map(({ row }) => row.public_jwk),
    privateJwks() {
      const { row } = signing()
      const jwks = [...known].sort((a, b) => Number(b.row === row) - Number(a.row === row))
      const same = jwks.length === inUse.length && jwks.every(({ row: { kid } }, i) => kid === inUse[i]?.kid)
      if (!same) inUse = jwks.map(({ privateJwk }) => privateJwk)
      return inUse
    },
    reload,
  }
}

/** Adds a key that takes over after {@link KEY_LEAD_MS}; the old ones stay published until their tokens have expired. */
export async function rotateSigningKeys(deps: Pick<Deps, 'db' | 'keyring' | 'clock'>): Promise<string> {
  return addSigningKey(deps, { onlyFirst: false, activeAt: deps.clock() + KEY_LEAD_MS })
}

async function addSigningKey(
  deps: Pick<Deps, 'db' | 'keyring' | 'clock'>,
  options: { onlyFirst: boolean; activeAt: number },
): Promise<string> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { d, x, y } = privateKey.export({ format: 'jwk' }) as { d: string; x: string; y: string }
  // RFC 7638 thumbprint: members in this order.
  const kid = hash('sha256', JSON.stringify({ crv: 'P-256', kty: 'EC', x, y }), 'base64url')
  const publicJwk: PublicJwk = { kty: 'EC', crv: 'P-256', x, y, kid, alg: 'ES256', use: 'sig' }
  return deps.db.transaction(async (sql) => {
    await lockSigningKeys(sql)
    if (options.onlyFirst) {
      const first = (await listSigningKeys(sql, new Date(deps.clock())))[0]
      if (first) return first.kid
    }
    await insertSigningKey(sql, {
      kid,
      public_jwk: publicJwk,
      private_jwk: deps.keyring.seal(JSON.stringify({ ...publicJwk, d }), context(kid)),
      created_at: new Date(deps.clock()),
      active_at: new Date(options.activeAt),
    })
    await retireSigningKeysExcept(sql, kid, new Date(options.activeAt))
    return kid
  })
}

function openKey(row: SigningKeyRow, keyring: Keyring): Known {
  const privateJwk = JSON.parse(keyring.open(row.private_jwk, context(row.kid))) as EcPrivateJwk
  return {
    row,
    privateJwk,
    privateKey: createPrivateKey({ key: privateJwk, format: 'jwk' }),
    publicKey: createPublicKey({ key: row.public_jwk, format: 'jwk' }),
  }
}
