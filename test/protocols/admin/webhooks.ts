import assert from 'node:assert/strict'
import type { Body, Harness } from './harness.ts'

/** Calls every route of webhooks and deliveries with success, but for the last one's deletion. @returns what was made */
export async function visitWebhooks({ send, operator }: Harness): Promise<Body> {
  const done = async (method: string, path: string, body?: object) => {
    const answer = await send(method, path, body)
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.text}`)
    return answer.body
  }
  const wish = { party_id: operator.id, url: 'https://127.0.0.1/hooks', topics: ['invoice.*'] }
  const gone = await done('POST', '/webhooks', wish)
  const made = await done('POST', '/webhooks', { ...wish, note: 'The till' })
  await done('GET', `/webhooks/${made.id}`)
  await done('GET', '/webhooks')
  await done('PATCH', `/webhooks/${made.id}`, { enabled: false })
  await done('PATCH', `/webhooks/${made.id}`, { enabled: true, topics: ['*'], note: null })
  const rotated = await done('POST', `/webhooks/${made.id}/rotate-secret`, { overlap_seconds: 60 })
  const delivery = await done('POST', `/webhooks/${made.id}/test`)
  await done('GET', `/deliveries/${delivery.id}`)
  await done('POST', `/deliveries/${delivery.id}/replay`)
  await done('POST', `/webhooks/${made.id}/replay`, { since: '2026-01-01T00:00:00Z' })
  await done('DELETE', `/webhooks/${gone.id}`)
  return { made, rotated, delivery, gone }
}
