import { createHmac, randomUUID } from 'node:crypto'
import { runInNewContext } from 'node:vm'
import type { Auth, Collection, Item } from '../../src/openapi/postman/types.ts'
import { type Answer, send } from '../support/wallet-client.ts'

// As much of Postman as our scripts use: its variables, its `pm`, and CryptoJS, whose HMAC is Node's here.

type Words = { bytes: Buffer; toString(encoding?: Encoding): string }
type Encoding = { stringify(words: Words): string; parse(text: string): Words }

const wordsOf = (bytes: Buffer): Words => ({
  bytes,
  toString: (encoding = Hex) => encoding.stringify({ bytes } as Words),
})
const encoding = (name: BufferEncoding): Encoding => ({
  stringify: ({ bytes }) => bytes.toString(name),
  parse: (text) => wordsOf(Buffer.from(text, name)),
})
const Hex = encoding('hex')
const CryptoJS = {
  enc: { Hex, Base64: encoding('base64'), Utf8: encoding('utf8') },
  HmacSHA256: (message: string | Words, key: string | Words) =>
    wordsOf(
      createHmac('sha256', typeof key === 'string' ? key : key.bytes)
        .update(typeof message === 'string' ? message : message.bytes)
        .digest(),
    ),
}

export type Sent = { method: string; url: string; headers: Record<string, string>; body: string | undefined }

/** The variables of a collection, and what its scripts make of them. */
export function createRunner(collection: Collection, values: Record<string, string>) {
  const kept = new Map([
    ...collection.variable.map(({ key, value }) => [key, value] as const),
    ...Object.entries(values),
  ])

  /**
   * Runs the scripts of a request and sends what they leave.
   * @param url where the server really is
   * @param alter changes what goes out, after it was signed
   */
  async function run(
    item: Item,
    url: string,
    alter: (sent: Sent) => Sent = (sent) => sent,
  ): Promise<{ sent: Sent; answer: Answer }> {
    const local = new Map<string, string>()
    const read = (name: string) => (name === '$guid' ? randomUUID() : (local.get(name) ?? kept.get(name)))
    const replaceIn = (text: string) => text.replace(/\{\{([^{}]+)\}\}/g, (whole, name) => read(name) ?? whole)
    const { request } = item
    const headers = new Map(request.header.filter(({ disabled }) => !disabled).map(({ key, value }) => [key, value]))
    let raw = request.body?.mode === 'raw' ? request.body.raw : undefined
    const update = (made: { raw: string }) => {
      raw = made.raw
    }
    const pm = {
      variables: { get: read, set: (name: string, value: string) => void local.set(name, value), replaceIn },
      collectionVariables: { get: read, set: (name: string, value: string) => void kept.set(name, value) },
      request: {
        method: request.method,
        url: {
          toString: () => request.url.raw,
          query: {
            get: (name: string) => request.url.query?.find(({ key, disabled }) => key === name && !disabled)?.value,
          },
        },
        headers: { upsert: ({ key, value }: { key: string; value: string }) => void headers.set(key, value) },
        body: raw === undefined ? undefined : { raw, update },
      },
      response: undefined as unknown,
    }
    const scripts = (listen: string) =>
      (item.event ?? []).filter((event) => event.listen === listen).map(({ script }) => script.exec.join('\n'))
    for (const script of scripts('prerequest')) runInNewContext(script, { pm, CryptoJS })
    const form = request.body?.mode === 'urlencoded' ? request.body.urlencoded : undefined
    const body = form
      ? String(new URLSearchParams(form.map(({ key, value }) => [key, replaceIn(value)])))
      : raw === undefined
        ? undefined
        : replaceIn(raw)
    const sent: Sent = alter({
      method: request.method,
      url: replaceIn(request.url.raw),
      headers: {
        ...authorization(request.auth, replaceIn),
        ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
        ...(raw !== undefined && {
          'content-type':
            request.body?.mode === 'raw' && request.body.options.raw.language === 'json'
              ? 'application/json'
              : 'text/csv',
        }),
        ...Object.fromEntries([...headers].map(([name, value]) => [name.toLowerCase(), replaceIn(value)])),
      },
      body,
    })
    const path = sent.url.slice(new URL(sent.url).origin.length)
    const answer = await send(url, path, {
      method: sent.method,
      headers: sent.headers,
      ...(sent.body === undefined ? {} : { body: sent.body }),
    })
    pm.response = { code: answer.status, json: () => answer.body }
    for (const script of scripts('test')) runInNewContext(script, { pm })
    return { sent, answer }
  }

  return { run, read: (name: string) => kept.get(name), write: (name: string, value: string) => kept.set(name, value) }
}

function authorization(auth: Auth | undefined, replaceIn: (text: string) => string): Record<string, string> {
  if (auth?.type === 'bearer') return { authorization: `Bearer ${replaceIn(auth.bearer[0]?.value ?? '')}` }
  if (auth?.type !== 'basic') return {}
  const of = (key: string) => replaceIn(auth.basic.find((one) => one.key === key)?.value ?? '')
  return { authorization: `Basic ${Buffer.from(`${of('username')}:${of('password')}`).toString('base64')}` }
}

export const itemsOf = (collection: Collection): Item[] => collection.item.flatMap(({ item }) => item)

export const itemNamed = (collection: Collection, name: string): Item => {
  const item = itemsOf(collection).find((one) => one.name === name)
  if (!item) throw new Error(`the collection has no "${name}"`)
  return item
}
