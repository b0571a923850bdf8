import type { Sql } from './database.ts'

/** The redirect URIs of all public clients that are not disabled. */
export async function listPublicRedirectUris(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ uri: string }>(
    'select distinct unnest(redirect_uris) as uri from client where public and disabled_at is null',
  )
  return rows.map(({ uri }) => uri)
}
