/** One answered request, as it is logged. No member comes from the caller: routes are patterns, methods what the parser knows. */
export type RequestLine = {
  id: string
  method: string
  family: string
  route: string
  status: number
  /** ms */
  ms: number
  /** of its trace: 32 hex digits; absent where it is in none */
  trace?: string
}

export type RequestLog = (line: RequestLine) => void

/**
 * Writes what the logger would, by hand: a logger's general way through redaction, serializers and copies made a third of all
 * the garbage that a payment leaves.
 */
export function createRequestLog(
  destination: { write(text: string): unknown },
  clock: () => number,
  worker?: number,
): RequestLog {
  const end = `,"pid":${process.pid}${worker === undefined ? '' : `,"worker":${worker}`},"msg":"request"}\n`
  return ({ id, method, family, route, status, ms, trace }) => {
    const traced = trace === undefined ? '' : `,"trace":"${trace}"`
    destination.write(
      `{"level":30,"time":${clock()},"id":"${id}","method":"${method}","family":"${family}","route":"${route}","status":${status},"ms":${ms.toFixed(2)}${traced}${end}`,
    )
  }
}
