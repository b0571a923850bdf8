import { hash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { PageContext } from '../env.ts'

const zip = promisify(gzip)

type Served = { type: string; text: string; zipped: Buffer<ArrayBuffer>; etag: string }

/** Sends texts that are the same for everyone, made once and compressed once: nothing of who asks may stand in them. */
export function createServe() {
  const made = new Map<string, Promise<Served>>()

  return async function serve(
    c: PageContext,
    key: string,
    type: string,
    make: () => Promise<string>,
  ): Promise<Response> {
    let served = made.get(key)
    if (!served) {
      served = make().then(async (text) => ({
        type,
        text,
        zipped: Buffer.from(await zip(text, { level: 9 })),
        etag: `"${hash('sha256', text, 'hex').slice(0, 16)}"`,
      }))
      // What failed is made again.
      served.catch(() => made.delete(key))
      made.set(key, served)
    }
    const { text, zipped, etag } = await served
    c.header('content-type', type)
    c.header('cache-control', 'no-cache')
    c.header('etag', etag)
    c.header('vary', 'Accept-Encoding, Accept-Language, Cookie')
    if (c.req.header('if-none-match') === etag) return c.body(null, 304)
    if (!/\bgzip\b/.test(c.req.header('accept-encoding') ?? '')) return c.body(text)
    c.header('content-encoding', 'gzip')
    return c.body(zipped)
  }
}
