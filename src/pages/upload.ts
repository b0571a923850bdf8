import { beginUpload } from '../http/long-uploads.ts'
import type { PageContext } from './env.ts'
import { PageProblem, readForm } from './forms.ts'
import { boundaryOf, type FormPart, MultipartError, readParts } from './multipart.ts'

/** A file of a form. */
export type UploadedFile = {
  /** as the browser calls it */
  readonly name: string
  /** as they come in, no faster than they are read */
  readonly bytes: AsyncIterable<Uint8Array>
}

export type UploadForm = {
  readonly fields: Map<string, string>
  /** the first one, which is the form's last member; null: none was chosen */
  readonly file: UploadedFile | null
  /** Reads what is left, so that the browser gets to the answer. Call it when the file is done with. */
  finish(): Promise<void>
}

const LARGEST_FIELDS = 65_536
/** what a form adds to its file */
const FRAME = 1_048_576

/**
 * A form of ours with a file, which is never held in memory. The other fields stand before the file; the form has proven where it
 * came from before the first byte of the file is handed out.
 * @param largest bytes of the file
 * @throws {PageProblem} when it is too large, no form, or came from elsewhere
 */
export async function readUpload(c: PageContext, largest: number): Promise<UploadForm> {
  const boundary = boundaryOf(c.req.header('content-type') ?? '')
  if (boundary === null) return { fields: await readForm(c), file: null, finish: async () => {} }
  if (Number(c.req.header('content-length') ?? 0) > largest + FRAME) throw new PageProblem('form-too-large')
  const incoming = c.env.incoming
  const end = incoming ? beginUpload(incoming) : () => {}
  const body = pieces(c)
  const parts = readParts(body, boundary)
  const finish = async () => {
    try {
      for await (const _ of body);
    } catch {
      // Whoever has gone away waits for no answer.
    } finally {
      end()
    }
  }
  try {
    const { fields, file } = await readFields(parts)
    c.get('checkForm')(fields.get('csrf'))
    fields.delete('csrf')
    return { fields, file, finish }
  } catch (error) {
    await finish()
    throw error instanceof MultipartError ? new PageProblem('form-malformed') : error
  }
}

async function readFields(parts: AsyncGenerator<FormPart>) {
  const fields = new Map<string, string>()
  let size = 0
  for (;;) {
    const { done, value: part } = await parts.next()
    if (done) return { fields, file: null }
    if (part.filename) return { fields, file: { name: part.filename, bytes: part.bytes } }
    const bytes: Uint8Array[] = []
    for await (const piece of part.bytes) {
      size += piece.length
      if (size > LARGEST_FIELDS) throw new PageProblem('form-too-large')
      bytes.push(piece)
    }
    // A file input in which nothing was chosen is a file without a name.
    if (part.filename === '') continue
    const text = Buffer.concat(bytes).toString('utf8').replace(/\r\n?/g, '\n')
    if (fields.has(part.name) || /(?![\t\n])\p{Cc}|\p{Cs}/u.test(text)) throw new PageProblem('form-malformed')
    fields.set(part.name, text)
  }
}

/** Goes on where it was when it is read again. */
function pieces(c: PageContext): AsyncIterable<Uint8Array> {
  const reader = c.req.raw.body?.getReader()
  const next = async (): Promise<IteratorResult<Uint8Array>> => {
    const { done, value } = (await reader?.read().catch(() => {
      throw new MultipartError('the form is cut off')
    })) ?? { done: true, value: undefined }
    return done ? { done: true, value: undefined } : { done: false, value }
  }
  return { [Symbol.asyncIterator]: () => ({ next }) }
}
