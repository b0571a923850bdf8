import { setTimeout as delay } from 'node:timers/promises'
import { type Answer, type Caller, createCaller, grantToken } from '../test/support/wallet-client.ts'

export const SOURCE = 'bank:gateway:USD'
export const TARGETS = ['us:8301234567:USD', 'us:8301234569:USD', 'shop:corner-cafe:USD']

export type Operation = { readonly key: string; readonly target: string; readonly amount: string }
export type Acknowledged = Operation & { readonly text: string }
type Client = { client_id: string; client_secret: string; signing_secret: string }

export type Load = {
  /** what was answered with 200, by key */
  readonly acknowledged: ReadonlyMap<string, Acknowledged>
  /** what a caller was told that contradicts what it was told before */
  readonly contradictions: readonly string[]
  /** answers that were not definite: each was repeated under its key until there was one */
  readonly indefinite: number
  /** repeats of what had been acknowledged, at the other server */
  readonly repeats: number
  /** the longest time, in ms, in which the server acknowledged nothing, since the moment (performance.now) */
  outage(server: number, since: number): number
  /** Lets each caller come to the end of what it does. */
  stop(): Promise<void>
}

/** Callers that pay, each at one server; what has no definite answer they repeat under its key at the servers in turn. */
export async function startLoad(urls: readonly string[], client: Client, callers: number, run: string): Promise<Load> {
  const { client_id: id, client_secret, signing_secret: signingSecret } = client
  const servers: Caller[] = []
  for (const url of urls) {
    servers.push(createCaller(url, { id, signingSecret, token: await grantToken(url, id, client_secret) }))
  }
  const acknowledged = new Map<string, Acknowledged>()
  const contradictions: string[] = []
  const times: number[][] = urls.map(() => [])
  let indefinite = 0
  let repeats = 0
  let stopping = false

  /** null: no definite answer */
  async function pay(server: number, { key, target, amount }: Operation): Promise<Answer | null> {
    const payload = { endpoint: 'payments', target, amount, currency: 'USD' }
    const answer = await (servers[server] as Caller)
      .post(`/${SOURCE}/payments`, payload, { 'idempotency-key': key })
      .catch(() => null)
    return answer === null || answer.status >= 500 ? null : answer
  }

  function keep(server: number, operation: Operation, { status, text }: Answer): void {
    if (status !== 200) contradictions.push(`${operation.key} was refused: ${status} ${text}`)
    const before = acknowledged.get(operation.key)
    if (before && before.text !== text) contradictions.push(`${operation.key} was answered in two ways`)
    acknowledged.set(operation.key, { ...operation, text })
    times[server]?.push(performance.now())
  }

  async function call(caller: number): Promise<void> {
    for (let i = 0; !stopping; i++) {
      const operation: Operation = {
        key: `ha-${run}-${caller}-${i}`,
        target: TARGETS[(caller + i) % TARGETS.length] as string,
        amount: `${1 + (i % 9)}.${10 + (caller % 80)}`,
      }
      let server = caller % servers.length
      let answer = await pay(server, operation)
      for (; answer === null; answer = await pay(server, operation)) {
        indefinite++
        await delay(50)
        server = (server + 1) % servers.length
      }
      keep(server, operation, answer)
      if (i % 20 !== 0) continue
      const other = (server + 1) % servers.length
      const again = await pay(other, operation)
      if (again === null) continue
      repeats++
      keep(other, operation, again)
    }
  }
  const calls = Array.from({ length: callers }, (_, caller) => call(caller))
  return {
    acknowledged,
    contradictions,
    get indefinite() {
      return indefinite
    },
    get repeats() {
      return repeats
    },
    outage(server, since) {
      let [last, longest] = [since, 0]
      for (const time of [...(times[server] ?? []).filter((each) => each > since), performance.now()]) {
        longest = Math.max(longest, time - last)
        last = time
      }
      return longest
    },
    async stop() {
      stopping = true
      await Promise.all(calls)
    },
  }
}
