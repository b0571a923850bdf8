import { connect, type Socket } from 'node:net'

export type LoadResult = {
  /** answers by status */
  readonly statuses: Record<number, number>
  readonly seconds: number
  readonly perSecond: number
  /** ms */
  readonly p50: number
  readonly p99: number
}

export type LoadOptions = {
  readonly port: number
  readonly connections: number
  /** counted time, after the warm-up in which the generator itself gets warm */
  readonly seconds: number
  /** the next whole HTTP/1.1 request, or null when there are no more */
  readonly next: () => Buffer | string | null
  /** requests per second over all connections; as fast as answers come if absent */
  readonly rate?: number
  /** ms that are not counted; 1,000 if absent */
  readonly warmUp?: number
}

const WARM_UP = 1_000
const HEAD_END = Buffer.from('\r\n\r\n')

/**
 * Closed-loop load over keep-alive connections to loopback. Requests are made beforehand and answers are only cut apart, so
 * that the generator takes as little of the shared machine as it can.
 */
export async function runLoad({ port, connections, seconds, next, rate, warmUp }: LoadOptions): Promise<LoadResult> {
  const statuses: Record<number, number> = {}
  const latencies: number[] = []
  const start = performance.now()
  const counted = start + (warmUp ?? WARM_UP)
  const end = counted + seconds * 1000
  const gap = rate ? (connections / rate) * 1000 : 0

  function drive(index: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true })
      let sentAt = 0
      let due = start + (gap * index) / connections
      let pending: Buffer | null = null
      const send = () => {
        const now = performance.now()
        const request = now < end ? next() : null
        if (request === null) {
          socket.end()
          return resolve()
        }
        if (gap > 0 && due > now) {
          setTimeout(() => write(request), due - now)
        } else write(request)
      }
      const write = (request: Buffer | string) => {
        // Under a fixed rate latency counts from when the request was due, so that a stall is not hidden.
        sentAt = gap > 0 ? due : performance.now()
        due += gap
        socket.write(request)
      }
      socket.on('connect', send)
      socket.on('error', reject)
      socket.on('data', (chunk) => {
        const data: Buffer = pending ? Buffer.concat([pending, chunk]) : chunk
        const headEnd = data.indexOf(HEAD_END)
        if (headEnd < 0) {
          pending = data
          return
        }
        const head = data.toString('latin1', 0, headEnd).toLowerCase()
        const at = head.indexOf('content-length: ')
        const length = at < 0 ? 0 : Number.parseInt(head.slice(at + 16, at + 26), 10)
        if (data.length < headEnd + 4 + length) {
          pending = data
          return
        }
        pending = null
        const status = Number(head.slice(9, 12))
        statuses[status] = (statuses[status] ?? 0) + 1
        if (sentAt >= counted) latencies.push(performance.now() - sentAt)
        send()
      })
    })
  }

  await Promise.all(Array.from({ length: connections }, (_, index) => drive(index)))
  const elapsed = (performance.now() - counted) / 1000
  latencies.sort((a, b) => a - b)
  const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0
  return { statuses, seconds: elapsed, perSecond: latencies.length / elapsed, p50: at(0.5), p99: at(0.99) }
}
