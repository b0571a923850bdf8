import type { IncomingMessage } from 'node:http'
import { parse } from 'hono/utils/cookie'
import type { Config } from '../../config.ts'
import { createRequestAddress } from '../../credentials/address.ts'
import { readWebSession } from '../../credentials/web-session.ts'
import type { Sql } from '../../storage/database.ts'
import { cookieName } from '../session.ts'

type Deps = { config: Pick<Config, 'publicUrls' | 'trustedProxies'>; db: Sql }

/** Who is signed in on our pages in the browser that sent a request, for the authorization server. */
export function createSignedIn({ config, db }: Deps) {
  const name = cookieName(config, 'session')
  const addressOf = createRequestAddress(config.trustedProxies ?? [])
  return async (req: IncomingMessage): Promise<{ partyId: string } | null> => {
    const token = parse(req.headers.cookie ?? '', name)[name]
    const session = await readWebSession({ db }, token, addressOf(req))
    return session && { partyId: session.party_id }
  }
}
