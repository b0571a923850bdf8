import { randomBytes } from 'node:crypto'

/** Where one is in a trace (W3C Trace Context): ids in hex, 32 and 16 digits. */
export type TraceContext = {
  readonly traceId: string
  readonly spanId: string
  /** whether whoever began the trace records it */
  readonly sampled: boolean
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

/** @returns null for what is no `traceparent`: it is then as if none had come (section 4.3 of the recommendation) */
export function parseTraceparent(header: string | undefined): TraceContext | null {
  const match = header === undefined ? null : TRACEPARENT.exec(header)
  if (!match) return null
  const [, version, traceId = '', spanId = '', flags = '', more] = match
  // Version ff is forbidden, and version 00 has nothing behind the flags.
  if (version === 'ff' || (version === '00' && more !== undefined)) return null
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

export const formatTraceparent = ({ traceId, spanId, sampled }: TraceContext): string =>
  `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`

export const newTraceId = (): string => randomBytes(16).toString('hex')
export const newSpanId = (): string => randomBytes(8).toString('hex')
