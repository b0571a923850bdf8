import { type Adapter, errors, type StoredPayload } from 'oidc-provider'
import type { Keyring } from '../../credentials/keyring.ts'
import { hashSecret } from '../../credentials/secrets.ts'
import type { Sql } from '../../storage/database.ts'
import {
  type ArtifactRow,
  consumeArtifact,
  deleteArtifact,
  deleteArtifactsOfGrant,
  findArtifact,
  upsertArtifact,
} from '../../storage/oauth-artifacts.ts'

type Deps = { db: Sql; keyring: Keyring; clock: () => number }

/** What the library keeps of an authorization code. */
export type AuthorizationCode = {
  clientId: string
  /** the owner who consented: a party */
  accountId: string
  /** the consent */
  grantId: string
  redirectUri: string
  scope: string
  codeChallenge?: string
  dpopJkt?: string
}

const text = (value: unknown) => (typeof value === 'string' ? hashSecret(value) : null)

const contextOf = (model: string) => `oauth_artifact:${model}`

/** @returns the code with the row's own word on its time and use; undefined when there is none */
export async function findCode(
  deps: Deps,
  codeHash: Buffer,
): Promise<{ code: AuthorizationCode; expired: boolean; used: boolean } | undefined> {
  const model = 'AuthorizationCode'
  const row = await findArtifact(deps.db, model, 'id_hash', codeHash)
  if (!row) return undefined
  const code = JSON.parse(deps.keyring.open(row.payload, contextOf(model))) as AuthorizationCode
  const expired = row.expires_at !== null && row.expires_at.getTime() <= deps.clock()
  return { code, expired, used: row.consumed_at !== null }
}

/**
 * Keeps one of the library's models in PostgreSQL: its names hashed, its payload sealed, its use decided by one write.
 * @param remembered s for which it is kept beyond its time, for whoever began to use it in time
 */
export function createArtifactAdapter(deps: Deps, model: string, remembered = 0): Adapter {
  const context = contextOf(model)

  function open(row: ArtifactRow | undefined): StoredPayload | undefined {
    if (!row) return undefined
    const payload = JSON.parse(deps.keyring.open(row.payload, context)) as StoredPayload
    return row.consumed_at ? { ...payload, consumed: Math.floor(row.consumed_at.getTime() / 1000) } : payload
  }

  return {
    async upsert(id, payload, expiresIn) {
      await upsertArtifact(deps.db, {
        model,
        idHash: hashSecret(id),
        payload: deps.keyring.seal(JSON.stringify(payload), context),
        grantHash: text(payload.grantId),
        userCodeHash: text(payload.userCode),
        uidHash: text(payload.uid),
        expiresAt: expiresIn === undefined ? null : new Date(deps.clock() + (expiresIn + remembered) * 1000),
      })
    },
    find: async (id) => open(await findArtifact(deps.db, model, 'id_hash', hashSecret(id))),
    findByUid: async (uid) => open(await findArtifact(deps.db, model, 'uid_hash', hashSecret(uid))),
    findByUserCode: async (code) => open(await findArtifact(deps.db, model, 'user_code_hash', hashSecret(code))),
    async consume(id) {
      // The library only looks before it consumes; of callers that looked together, all but one end here.
      if (await consumeArtifact(deps.db, model, hashSecret(id), new Date(deps.clock()))) return
      if (model === 'PushedAuthorizationRequest') throw new errors.InvalidRequestUri('request_uri was already used')
      throw new errors.InvalidGrant('already consumed')
    },
    destroy: (id) => deleteArtifact(deps.db, model, hashSecret(id)),
    revokeByGrantId: (grantId) => deleteArtifactsOfGrant(deps.db, model, hashSecret(grantId)),
  }
}
