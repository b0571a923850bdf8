import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

type Attribute = { key: string; value: { stringValue?: string; intValue?: string; boolValue?: boolean } }

export type ReceivedSpan = {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind: number
  startTimeUnixNano: string
  endTimeUnixNano: string
  status: { code?: number }
  /** by name */
  attributes: Record<string, string>
}

/** A server that takes spans as a collector does, or answers as it is told. */
export async function startCollector() {
  const spans: ReceivedSpan[] = []
  const requests: { path: string; headers: IncomingHttpHeaders }[] = []
  let answer: number | 'never' = 200
  const server = createServer((req, res) => {
    requests.push({ path: req.url ?? '', headers: req.headers })
    let text = ''
    req.on('data', (chunk) => {
      text += chunk
    })
    req.on('end', () => {
      if (answer === 'never') return
      if (answer === 200)
        for (const { scopeSpans } of JSON.parse(text).resourceSpans)
          for (const scope of scopeSpans)
            for (const span of scope.spans) spans.push({ ...span, attributes: named(span.attributes) })
      res.writeHead(answer, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    requests,
    answerWith(next: typeof answer) {
      answer = next
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const named = (attributes: Attribute[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, String(Object.values(value)[0])]))
