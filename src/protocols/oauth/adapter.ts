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

const text = (value: unknown) => (typeof value === 'string' ? hashSecret(value) : null)

/** Keeps one of the library's models in PostgreSQL: its names hashed, its payload sealed, its use decided by one write. */
export function createArtifactAdapter(deps: Deps, model: string): Adapter {
  const context = `oauth_artifact:${model}`

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
        expiresAt: expiresIn === undefined ? null : new Date(deps.clock() + expiresIn * 1000),
      })
    },
    find: async (id) => open(await findArtifact(deps.db, model, 'id_hash', hashSecret(id))),
    findByUid: async (uid) => open(await findArtifact(deps.db, model, 'uid_hash', hashSecret(uid))),
    findByUserCode: async (code) => open(await findArtifact(deps.db, model, 'user_code_hash', hashSecret(code))),
    async consume(id) {
      // The library only looks before it consumes; of callers that looked together, all but one end here.
      if (!(await consumeArtifact(deps.db, model, hashSecret(id), new Date(deps.clock()))))
        throw new errors.InvalidGrant('already consumed')
    },
    destroy: (id) => deleteArtifact(deps.db, model, hashSecret(id)),
    revokeByGrantId: (grantId) => deleteArtifactsOfGrant(deps.db, model, hashSecret(grantId)),
  }
}
