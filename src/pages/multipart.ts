/** One part of a form (RFC 7578). `bytes` is read before the next part is asked for, or passed over. */
export type FormPart = {
  readonly name: string
  /** of a file; null: a field */
  readonly filename: string | null
  readonly bytes: AsyncGenerator<Uint8Array>
}

export class MultipartError extends Error {
  override name = 'MultipartError'
}

const LONGEST_HEADERS = 8_192

/** The boundary that a `Content-Type` of `multipart/form-data` names; null for any other type. */
export function boundaryOf(type: string): string | null {
  if (!/^multipart\/form-data\s*;/i.test(type)) return null
  const found = /;\s*boundary=(?:"([^"\r\n]{1,70})"|([\w'()+,./:=?-]{1,70}))\s*(?:;|$)/i.exec(type)
  return found?.[1] ?? found?.[2] ?? null
}

/**
 * The parts of a form, as they come in: nothing is kept but a piece of the source and the end of the one before.
 * @throws {MultipartError} when it is no such form, or is cut off
 */
export async function* readParts(source: AsyncIterable<Uint8Array>, boundary: string): AsyncGenerator<FormPart> {
  // By hand: a loop would close the source when its reader stops in the middle of a part.
  const pieces = source[Symbol.asyncIterator]()
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  // The first delimiter stands at the beginning of a line that has nothing before it.
  let buffer: Buffer = Buffer.from('\r\n')

  async function more(): Promise<void> {
    const { done, value } = await pieces.next()
    if (done) throw new MultipartError('the form is cut off')
    buffer = Buffer.concat([buffer, value])
  }

  async function* content(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const end = buffer.indexOf(delimiter)
      // What could be the beginning of a delimiter waits for what follows.
      const ready = buffer.subarray(0, end >= 0 ? end : Math.max(0, buffer.length - delimiter.length + 1))
      buffer = buffer.subarray(end >= 0 ? end + delimiter.length : ready.length)
      if (ready.length > 0) yield ready
      if (end >= 0) return
      await more()
    }
  }

  async function headers(): Promise<string> {
    for (;;) {
      const end = buffer.indexOf('\r\n\r\n')
      if (end > LONGEST_HEADERS || (end < 0 && buffer.length > LONGEST_HEADERS)) break
      if (end >= 0) {
        const text = buffer.toString('utf8', 0, end)
        buffer = buffer.subarray(end + 4)
        return text
      }
      await more()
    }
    throw new MultipartError('the headers of a part are too long')
  }

  for await (const _ of content()) throw new MultipartError('the form does not begin with its boundary')
  for (;;) {
    while (buffer.length < 2) await more()
    if (buffer.toString('latin1', 0, 2) === '--') return
    if (buffer.toString('latin1', 0, 2) !== '\r\n') throw new MultipartError('a boundary has no end of line')
    const disposition = /^content-disposition:\s*form-data;(.*)$/im.exec(await headers())?.[1]
    const name = disposition && /;\s*name="([^"]*)"/.exec(`;${disposition}`)?.[1]
    if (disposition === undefined || name === undefined) throw new MultipartError('a part has no name')
    const filename = /;\s*filename="([^"]*)"/.exec(disposition)?.[1] ?? null
    const bytes = content()
    yield { name, filename, bytes }
    for await (const _ of bytes);
  }
}
