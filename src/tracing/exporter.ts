import { type FinishedSpan, renderSpans } from './otlp.ts'

/** Takes spans and sends them away, in its own time. */
export type SpanExporter = {
  /** Never waits and never throws; when the queue is full the span is lost, and counted. */
  add(span: FinishedSpan): void
  /** spans that were lost so far */
  readonly dropped: number
  /** Sends what is there, for two seconds at most. */
  close(): Promise<void>
}

const MOST_WAITING = 4_096
const BATCH = 512
const TIMEOUT = 10_000
const LAST_TIMEOUT = 2_000

/**
 * Our own few lines for OTLP over HTTP in JSON. OpenTelemetry's packages for Node bring several megabytes and wrap every module that is
 * loaded; what is needed of them is one POST. A collector that is away or slow costs a bounded queue, and nothing else.
 * @param options.endpoint of `OTEL_EXPORTER_OTLP_ENDPOINT`: `/v1/traces` comes behind it
 */
export function createExporter(options: {
  endpoint: string
  headers: Readonly<Record<string, string>>
  service: string
  log: { warn(fields: object, message: string): void }
  /** ms between batches that are not full */
  interval?: number
}): SpanExporter {
  const { endpoint, headers, service, log, interval = 5_000 } = options
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`
  let waiting: FinishedSpan[] = []
  let sending: Promise<void> | null = null
  let timer: NodeJS.Timeout | null = null
  let dropped = 0
  let failing = false

  async function post(spans: readonly FinishedSpan[], timeout: number): Promise<void> {
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: renderSpans(service, spans),
        redirect: 'error',
        signal: AbortSignal.timeout(timeout),
      })
      await answer.body?.cancel()
      if (!answer.ok) throw new Error(`answered ${answer.status}`)
      failing = false
    } catch (error) {
      dropped += spans.length
      // Once, until it works again; neither the address nor the headers, which may hold a key.
      if (!failing) log.warn({ reason: (error as Error).message.slice(0, 100) }, 'spans could not be exported')
      failing = true
    }
  }

  function flush(timeout = TIMEOUT): void {
    if (timer) clearTimeout(timer)
    timer = null
    if (sending || waiting.length === 0) return
    const batch = waiting.splice(0, BATCH)
    sending = post(batch, timeout).finally(() => {
      sending = null
      if (waiting.length >= BATCH) flush(timeout)
      else if (waiting.length > 0) schedule()
    })
  }

  function schedule(): void {
    timer ??= setTimeout(flush, interval).unref()
  }

  return {
    add(span) {
      if (waiting.length >= MOST_WAITING) {
        dropped++
        return
      }
      waiting.push(span)
      if (waiting.length >= BATCH) flush()
      else schedule()
    },
    get dropped() {
      return dropped
    },
    async close() {
      const end = performance.now() + LAST_TIMEOUT
      await Promise.race([sending, new Promise((resolve) => setTimeout(resolve, LAST_TIMEOUT).unref())])
      while (waiting.length > 0 && performance.now() < end && !failing) {
        const batch = waiting.splice(0, BATCH)
        await post(batch, Math.max(1, Math.round(end - performance.now())))
      }
      waiting = []
      if (timer) clearTimeout(timer)
    },
  }
}
