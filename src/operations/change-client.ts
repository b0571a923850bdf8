import { findClient, updateRedirection } from '../storage/clients.ts'
import type { Sql } from '../storage/database.ts'
import { OperationRefusal } from './input.ts'
import { implicitNeedsRedirectUri, requireRedirectUris } from './redirect-uris.ts'

export type ChangeClientInput = {
  /** instead of all that there were */
  redirectUris?: string[]
  implicit?: boolean
}

/** Changes how a client's answers travel through browsers. Requests that wait for their owners are held against it as well. */
export async function changeClient(deps: { db: Sql }, id: string, input: ChangeClientInput): Promise<void> {
  const redirectUris = input.redirectUris === undefined ? null : requireRedirectUris(input.redirectUris)
  if (await updateRedirection(deps.db, id, { redirectUris, implicit: input.implicit ?? null })) return
  if (await findClient(deps.db, id)) throw implicitNeedsRedirectUri()
  throw new OperationRefusal('not_found', 'id', 'there is no such client')
}
