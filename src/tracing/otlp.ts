/** OTLP's numbers (trace.proto). */
export const SPAN_KIND = { internal: 1, server: 2, client: 3 } as const
export type SpanKind = keyof typeof SPAN_KIND

export type AttributeValue = string | number | boolean

export type FinishedSpan = {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | null
  readonly name: string
  readonly kind: SpanKind
  /** ms since the epoch, with a fraction */
  readonly start: number
  readonly end: number
  readonly attributes: Readonly<Record<string, AttributeValue>>
  readonly failed: boolean
}

/** The JSON form of `ExportTraceServiceRequest`: ids in hex, 64-bit numbers as text. */
export function renderSpans(service: string, spans: readonly FinishedSpan[]): string {
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: attributesOf({ 'service.name': service, 'process.pid': process.pid }) },
        scopeSpans: [{ scope: { name: 'billfold' }, spans: spans.map(render) }],
      },
    ],
  })
}

const render = ({ traceId, spanId, parentSpanId, name, kind, start, end, attributes, failed }: FinishedSpan) => ({
  traceId,
  spanId,
  ...(parentSpanId !== null && { parentSpanId }),
  name,
  kind: SPAN_KIND[kind],
  startTimeUnixNano: nanoseconds(start),
  endTimeUnixNano: nanoseconds(end),
  attributes: attributesOf(attributes),
  status: failed ? { code: 2 } : {},
})

const nanoseconds = (ms: number): string => String(BigInt(Math.round(ms * 1000)) * 1000n)

const attributesOf = (attributes: Readonly<Record<string, AttributeValue>>) =>
  Object.entries(attributes).map(([key, value]) => ({ key, value: typedValue(value) }))

function typedValue(value: AttributeValue): object {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
}
