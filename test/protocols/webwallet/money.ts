import assert from 'node:assert/strict'
import type { SandboxServer } from '../../support/server.ts'
import { type Answer, type Caller, createCaller, opened, refused } from '../../support/wallet-client.ts'

/** How many ask at the same moment for what only one may get. */
export const CALLERS = 64

export const codeOf = (id: string): string => id.split(':')[2] ?? 'USD'

/** Entries, invoices and all else that a refused request must not add to. */
export async function footprint(server: SandboxServer): Promise<string> {
  const [row] = await server.db.query<{ text: string }>(
    `select concat_ws(' ', (select count(*) from entry), (select count(*) from invoice), (select sum(settlements) from invoice),
       (select sum(refunded) from refund_total), (select sum(used) from refill_use), (select sum(ends) from transaction_token),
       (select count(*) from transaction_token), (select sum(balance * id) from account)) as text`,
  )
  return (row as { text: string }).text
}

/** The refusal, and that nothing happened. */
export async function refusal(
  server: SandboxServer,
  caller: Caller,
  path: string,
  payload: object,
  headers?: Record<string, string>,
): Promise<string> {
  const before = await footprint(server)
  const answer = await caller.post(path, payload, headers)
  assert.equal(await footprint(server), before, JSON.stringify(answer.body))
  return refused(answer, caller.signingSecret)
}

/** The client with a token that an owner has given it for these wallets. */
export async function granted(
  server: SandboxServer,
  client: Caller,
  owner: string,
  wallets: string[],
  scopes?: string[],
): Promise<Caller> {
  const found = await Promise.all(wallets.map((id) => server.assembly.directory.find(id)))
  const token = server.token({
    clientId: client.id,
    subject: owner,
    wallets: new Set(found.map((wallet) => wallet?.id as bigint)),
    ...(scopes && { scopes }),
  })
  return createCaller(server.url, { ...client, token })
}

/** The first `n` answers' statuses and codes, counted. */
export function tally(answers: Answer[], secret: string | null): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const answer of answers) {
    const name = answer.status === 200 ? `200 ${opened(answer, secret).success}` : refused(answer, secret)
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

export const many = <T>(work: (i: number) => Promise<T>, count = CALLERS): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => work(i)))

/** Money from the sandbox's gateway. */
export const give = (server: SandboxServer, target: string, amount: number | string) =>
  server.gateway.done(`/${target}/funds`, {
    endpoint: 'funds',
    source: `bank:gateway:${codeOf(target)}`,
    target,
    amount,
    currency: codeOf(target),
  })

export const paymentTo = (target: string, amount: number | string, more: object = {}) => ({
  endpoint: 'payments',
  target,
  amount,
  currency: codeOf(target),
  ...more,
})

export const chargeOf = (source: string, target: string, amount: number | string, more: object = {}) => ({
  endpoint: 'charges',
  source,
  target,
  amount,
  currency: codeOf(source),
  ...more,
})
