import { AsyncLocalStorage } from 'node:async_hooks'
import type { SpanExporter } from './exporter.ts'
import type { AttributeValue, SpanKind } from './otlp.ts'
import { formatTraceparent, newSpanId, newTraceId, parseTraceparent, type TraceContext } from './traceparent.ts'

/** Something that began, and whose end is told once. */
export type Span = {
  /** of whatever it causes */
  readonly context: TraceContext
  end(outcome: { attributes?: Record<string, AttributeValue>; failed?: boolean }): void
}

export type Tracer = {
  /** A request. Null, the usual case: it brought no `traceparent`, and nothing is exported. */
  request(traceparent: string | undefined): Span | null
  /** Runs work as a part of a span. */
  within<T>(span: Span, work: () => T): T
  /** Where one is; undefined outside of every trace. */
  current(): TraceContext | undefined
  /** A span within the current one, or a trace of its own with `root`; null when nothing is exported, or outside of every trace. */
  begin(name: string, kind: SpanKind, root?: boolean): Span | null
  /** Something that takes place later belongs to the current trace: a transaction, by its id. */
  remember(id: string): void
  /** The trace of one of the ids that a text names; undefined when none is known. */
  recall(text: string): TraceContext | undefined
  /** A span in a trace that is not the current one. */
  beginIn(context: TraceContext, name: string, kind: SpanKind): Span
  /** As the global one; passes the current trace on. */
  fetch: typeof globalThis.fetch
  close(): Promise<void>
}

const MOST_REMEMBERED = 4_096
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g

/** @param exporter null: traces are passed on and not recorded */
export function createTracer(exporter: SpanExporter | null): Tracer {
  const storage = new AsyncLocalStorage<TraceContext>()
  const remembered = new Map<string, TraceContext>()
  const origin = performance.timeOrigin
  // As long as no request was traced there is nothing to look up.
  let used = false

  function record(name: string, kind: SpanKind, parent: TraceContext | null): Span {
    const sampled = parent?.sampled ?? true
    // Whoever records nothing passes on what came: between the two ends there is nobody.
    const context =
      exporter === null && parent !== null
        ? parent
        : { traceId: parent?.traceId ?? newTraceId(), spanId: newSpanId(), sampled }
    const start = origin + performance.now()
    return {
      context,
      end({ attributes = {}, failed = false }) {
        if (exporter === null || !sampled) return
        const { traceId, spanId } = context
        const parentSpanId = parent?.spanId ?? null
        const end = origin + performance.now()
        exporter.add({ traceId, spanId, parentSpanId, name, kind, start, end, attributes, failed })
      },
    }
  }

  const tracer: Tracer = {
    request(traceparent) {
      if (traceparent === undefined && exporter === null) return null
      const parent = parseTraceparent(traceparent)
      return parent === null && exporter === null ? null : record('request', 'server', parent)
    },
    within(span, work) {
      used = true
      return storage.run(span.context, work)
    },
    current: () => (used ? storage.getStore() : undefined),
    begin(name, kind, root = false) {
      if (exporter === null) return null
      const parent = tracer.current()
      return parent === undefined && !root ? null : record(name, kind, parent ?? null)
    },
    beginIn: (context, name, kind) => record(name, kind, context),
    remember(id) {
      const context = tracer.current()
      if (context === undefined) return
      if (remembered.size >= MOST_REMEMBERED) remembered.delete(remembered.keys().next().value as string)
      remembered.set(id, context)
    },
    recall(text) {
      if (remembered.size === 0) return undefined
      for (const [id] of text.matchAll(UUID)) {
        const context = remembered.get(id)
        if (context) return context
      }
      return undefined
    },
    async fetch(input, init) {
      const context = tracer.current()
      if (context === undefined) return fetch(input, init)
      const span = tracer.beginIn(context, 'upstream call', 'client')
      const request = new Request(input, init)
      request.headers.set('traceparent', formatTraceparent(span.context))
      const attributes = { 'http.request.method': request.method, 'server.address': new URL(request.url).hostname }
      try {
        const answer = await fetch(request)
        span.end({ attributes: { ...attributes, 'http.response.status_code': answer.status }, failed: !answer.ok })
        return answer
      } catch (error) {
        span.end({ attributes, failed: true })
        throw error
      }
    },
    close: async () => exporter?.close(),
  }
  return tracer
}
