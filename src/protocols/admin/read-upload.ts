import type { IncomingMessage } from 'node:http'
import { beginUpload } from '../../http/long-uploads.ts'
import { UPLOAD_LIMITS } from '../../operations/gift-cards/stock-upload.ts'
import { AdminProblem } from './problem.ts'

/** The bytes of a file, no faster than they are used. @throws {AdminProblem} at once for what is no such file */
export function readUpload(type: string, request: Request, incoming?: IncomingMessage): AsyncIterable<Uint8Array> {
  const given = request.headers.get('content-type') ?? ''
  if (given.split(';')[0]?.trim().toLowerCase() !== type)
    throw new AdminProblem(415, 'unsupported-media-type', `the body must be ${type}`)
  if (Number(request.headers.get('content-length') ?? 0) > UPLOAD_LIMITS.bytes)
    throw new AdminProblem(413, 'body-too-large', `the body is larger than ${UPLOAD_LIMITS.bytes} bytes`)
  return read(request, incoming)
}

async function* read(request: Request, incoming: IncomingMessage | undefined): AsyncGenerator<Uint8Array> {
  const end = incoming && beginUpload(incoming)
  try {
    yield* chunks(request)
  } finally {
    end?.()
  }
}

async function* chunks(request: Request): AsyncGenerator<Uint8Array> {
  const body = request.body?.getReader()
  if (!body) return
  try {
    for (;;) {
      const { done, value } = await body.read().catch(() => {
        throw new AdminProblem(400, 'body-incomplete', 'the body was cut off')
      })
      if (done) return
      yield value
    }
  } finally {
    body.releaseLock()
  }
}
