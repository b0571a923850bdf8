import { formatTraceparent } from './traceparent.ts'
import type { Tracer } from './tracer.ts'

/** One attempt of a delivery: headers that pass its trace on, and its end. */
export type TracedAttempt = {
  readonly headers: Readonly<Record<string, string>>
  end(status: number | null, delivered: boolean): void
}

/**
 * A delivery belongs to the trace of the request that caused it, where this process knows it: its text names a transaction. Another
 * delivery is a trace of its own, when spans are exported.
 */
export const traceAttempts =
  (tracer: Tracer) =>
  (delivery: { form: string; object: string; topic: string; body: string }): TracedAttempt | null => {
    const cause = tracer.recall(`${delivery.object} ${delivery.body}`)
    const span = cause
      ? tracer.beginIn(cause, 'delivery attempt', 'client')
      : tracer.begin('delivery attempt', 'client', true)
    if (span === null) return null
    return {
      headers: { traceparent: formatTraceparent(span.context) },
      end(status, delivered) {
        const answered = status === null ? {} : { 'http.response.status_code': status }
        span.end({
          attributes: { 'billfold.form': delivery.form, 'billfold.topic': delivery.topic, ...answered },
          failed: !delivered,
        })
      },
    }
  }

/** Each run of a job is a trace of its own; nothing changes where nothing is exported. */
export const traceJobs =
  (tracer: Tracer) =>
  <T>(job: string, run: () => Promise<T>): Promise<T> => {
    const span = tracer.begin('job', 'internal', true)
    if (span === null) return run()
    const end = (failed: boolean) => span.end({ attributes: { 'billfold.job': job }, failed })
    return tracer.within(span, run).then(
      (result) => {
        end(false)
        return result
      },
      (error) => {
        end(true)
        throw error
      },
    )
  }
