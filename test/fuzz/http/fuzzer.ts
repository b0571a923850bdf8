import type { Sent } from '../../openapi/postman.ts'
import { createRandom } from '../../simulation/random.ts'
import type { SandboxServer } from '../../support/server.ts'
import { alterItem, alterSent } from './alter.ts'
import type { FuzzedApi } from './apis.ts'
import { judge } from './judge.ts'

export type HttpFinding = {
  input: number
  request: string
  sent: Sent | null
  status: number
  answer: string
  wrong: string[]
}

/** One number decides which request is sent, and how it is changed; what it meets depends on the requests before. */
export function createHttpFuzzer(server: SandboxServer, apis: readonly FuzzedApi[]) {
  const requests = apis.map((api) => ({ api, requests: api.requests }))
  const findings: HttpFinding[] = []
  const statuses = new Map<string, number>()
  const operations = new Set<string>()
  let slowest = 0

  /** Sends an input. @returns its status, or 0 where the connection was closed without an answer */
  async function input(number: number): Promise<number> {
    const random = createRandom(number)
    const { api, requests: of } = requests[number % requests.length] as (typeof requests)[number]
    const { item: original, call } = random.pick(of)
    const before = random.chance(0.8)
    const after = !before || random.chance(0.2)
    const altered = before ? alterItem(original, random) : original
    const request = `${api.name} ${original.name}`
    let last: Sent | null = null
    const alter = (sent: Sent) => {
      last = after ? alterSent(sent, random) : sent
      return last
    }
    const from = performance.now()
    try {
      const { sent, answer } = await api.runner.run(altered, server.url, alter).catch((error) => {
        // The script that signs takes JSON only: what it cannot sign goes out without.
        if (last !== null) throw error
        return api.runner.run({ ...altered, event: [] }, server.url, alter)
      })
      const ms = performance.now() - from
      slowest = Math.max(slowest, ms)
      operations.add(`${api.name} ${call.operation.operationId}`)
      statuses.set(`${answer.status}`, (statuses.get(`${answer.status}`) ?? 0) + 1)
      const wrong = judge({
        sent,
        answer,
        ms,
        call,
        document: api.document,
        documents: apis.map((one) => one.document),
        altered: after || altered.request.url.raw.split('?')[0] !== original.request.url.raw.split('?')[0],
      })
      if (wrong.length > 0)
        findings.push({ input: number, request, sent, status: answer.status, answer: answer.text.slice(0, 400), wrong })
      return answer.status
    } catch (error) {
      findings.push({ input: number, request, sent: last, status: 0, answer: '', wrong: [String(error)] })
      return 0
    }
  }

  return {
    input,
    findings,
    statuses,
    operations,
    slowest: () => slowest,
    total: requests.flatMap(({ requests: of }) => of).length,
  }
}

/**
 * What a refused request must not change: money, what is owed, who may do what. Logs of calls and counters are not in it, nor what the
 * worker does meanwhile for an order that was accepted before.
 */
export async function countBooks({ db }: Pick<SandboxServer, 'db'>): Promise<string> {
  const [row] = await db.query<Record<string, string>>(
    `select (select count(*) from transaction where kind not like 'gift-card%') as transactions,
       (select count(*) from gift_order) as orders, (select count(*) from wallet) as wallets,
       (select count(*) from client) as clients, (select count(*) from party) as parties`,
  )
  return Object.values(row as object).join()
}
