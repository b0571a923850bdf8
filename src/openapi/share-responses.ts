import { type ApiResponse, METHODS, type PathItem } from './document.ts'

/**
 * Gives a name to each refusal that several operations have, and puts the name in its place.
 * @param paths changed in place
 * @returns by name, for the document's components
 */
export function shareResponses(paths: Record<string, PathItem>): Record<string, ApiResponse> {
  const uses = new Map<string, { status: string; responses: Record<string, ApiResponse>[] }>()
  for (const item of Object.values(paths)) {
    for (const method of METHODS) {
      const responses = item[method]?.responses ?? {}
      for (const [status, response] of Object.entries(responses)) {
        if (Number(status) < 400) continue
        const key = JSON.stringify([status, response])
        const use = uses.get(key) ?? { status, responses: [] }
        use.responses.push(responses)
        uses.set(key, use)
      }
    }
  }
  const shared: Record<string, ApiResponse> = {}
  for (const { status, responses } of uses.values()) {
    if (responses.length < 2) continue
    const name = nameOf(status, shared)
    shared[name] = responses[0]?.[status] as ApiResponse
    for (const one of responses) one[status] = { $ref: `#/components/responses/${name}` }
  }
  return shared
}

/** `Refused404`, then `Refused404b`. */
function nameOf(status: string, taken: Record<string, ApiResponse>): string {
  const names = ['', ...'bcdefghijklmnopqrstuvwxyz'].map((letter) => `Refused${status}${letter}`)
  const free = names.find((name) => !Object.hasOwn(taken, name))
  if (free === undefined) throw new Error(`too many forms of ${status}`)
  return free
}
