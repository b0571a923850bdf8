import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** What can be wrong with a request for a page, apart from what a form shows beside its fields. */
export type PageProblemCode =
  | 'form-expired'
  | 'form-foreign'
  | 'form-malformed'
  | 'form-too-large'
  | 'not-found'
  | 'forbidden'
  | 'too-many'
  | 'busy'
  | 'unavailable'
  | 'link-dead'
  | 'failed'

const STATUSES: Record<PageProblemCode, ContentfulStatusCode> = {
  'form-expired': 403,
  'form-foreign': 403,
  'form-malformed': 400,
  'form-too-large': 413,
  'not-found': 404,
  forbidden: 403,
  'too-many': 429,
  busy: 503,
  unavailable: 503,
  'link-dead': 410,
  failed: 500,
}

/** Shown as a page of its own, in the reader's language. */
export class PageProblem extends Error {
  override name = 'PageProblem'
  readonly code: PageProblemCode
  readonly status: ContentfulStatusCode

  constructor(code: PageProblemCode) {
    super(code)
    this.code = code
    this.status = STATUSES[code]
  }
}
