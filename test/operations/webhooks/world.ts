import { createAddressRules } from '../../../src/delivery/address-rules.ts'
import { createEndpoint } from '../../../src/operations/webhooks/create-endpoint.ts'
import { tellWallets } from '../../../src/operations/webhooks/tell-wallets.ts'
import type { WebhookDeps } from '../../../src/operations/webhooks/webhook-deps.ts'
import type { Database } from '../../../src/storage/database.ts'
import { openNewCursors } from '../../../src/storage/webhook-cursors.ts'

export type Told = {
  type: string
  timestamp: string
  data: Record<string, unknown> & { object: string; sequence: number }
}

/** Endpoints on a world's database, and what was told to them. Nothing is sent. */
export function listen({ db, keyring }: Pick<WebhookDeps, 'keyring'> & { db: Database }, clock = Date.now) {
  const deps = { keyring, clock, addressRules: createAddressRules(['127.0.0.0/8']) }
  return {
    deps: { ...deps, db },
    endpoint: (partyId: string, topics: string[], url = 'https://127.0.0.1/hooks') =>
      db.transaction((sql) => createEndpoint({ ...deps, db: sql }, { partyId, url, topics })),
    /** Does what the worker's jobs do, as often as needed. What a running server's worker has in hand is waited for. */
    async tell(): Promise<void> {
      await openNewCursors(db, 1000)
      await db.transaction(async (sql) => {
        await sql.query('select from webhook_cursor for update')
        while ((await tellWallets({ db: sql })) > 0);
      })
    },
    async told(receiver?: string): Promise<Told[]> {
      const rows = await db.query<{ body: string; receiver: string; topic: string; object: string }>(
        'select body, receiver, topic, object from delivery order by sequence',
      )
      return rows
        .filter((row) => receiver === undefined || row.receiver === receiver)
        .map(({ body, topic, object }) => {
          const event = JSON.parse(body)
          if (event.type !== topic || event.data.object !== object) throw new Error(`the row of ${body} says otherwise`)
          return event
        })
    },
  }
}
