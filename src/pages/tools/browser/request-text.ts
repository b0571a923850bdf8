import type { FinalRequest } from '#sdk/explain/types.ts'

/** As it goes over the wire, but for the headers that every program adds. */
export function requestText({ method, url, headers, body }: FinalRequest): string {
  const { host, pathname, search } = new URL(url)
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}`)
  return [`${method} ${pathname}${search} HTTP/1.1`, ...lines, ...(body === undefined ? [] : ['', body])].join('\n')
}
