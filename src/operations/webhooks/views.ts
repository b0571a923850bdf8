import type { AttemptRow, DeliveryRow } from '../../storage/delivery-log.ts'
import type { WebhookEndpoint } from '../../storage/webhook-endpoints.ts'

// What operators and owners are shown, in JSON. No secret has a way in here.

export const webhookView = (row: WebhookEndpoint) => ({
  id: row.id,
  party_id: row.party_id,
  url: row.url,
  topics: [...row.topics],
  note: row.note,
  enabled: row.disabled_at === null,
  disabled_at: row.disabled_at?.toISOString() ?? null,
  disabled_because: row.disabled_because,
  created_at: row.created_at.toISOString(),
})

export const deliveryView = (row: DeliveryRow) => ({
  id: row.id,
  form: row.form,
  receiver: row.receiver,
  object: row.object,
  topic: row.topic,
  status: row.status,
  attempts: row.attempts,
  next_attempt_at: row.status === 'waiting' ? row.next_attempt_at.toISOString() : null,
  created_at: row.created_at.toISOString(),
  ended_at: row.ended_at?.toISOString() ?? null,
})

/** With what is sent, of our own events: those of partner protocols may hold what is the partner's. */
export const deliveryDetail = (row: DeliveryRow, attempts: readonly AttemptRow[]) => ({
  ...deliveryView(row),
  event: row.form === 'webhook' ? (JSON.parse(row.body) as Record<string, unknown>) : null,
  log: attempts.map(({ number, at, ms, status, error, excerpt }) => ({
    number,
    at: at.toISOString(),
    ms,
    status,
    error,
    excerpt,
  })),
})
