import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boundaryOf, MultipartError, readParts } from '../../src/pages/multipart.ts'

async function* cut(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}

async function read(source: AsyncIterable<Uint8Array>, boundary = 'b'): Promise<[string, string | null, string][]> {
  const parts: [string, string | null, string][] = []
  for await (const { name, filename, bytes } of readParts(source, boundary)) {
    const pieces: Uint8Array[] = []
    for await (const piece of bytes) pieces.push(piece)
    parts.push([name, filename, Buffer.concat(pieces).toString('utf8')])
  }
  return parts
}

const FORM = [
  '--b\r\ncontent-disposition: form-data; name="csrf"\r\n\r\né\r\n--not\r\n',
  '--b\r\nContent-Disposition: form-data; name="file"; filename="a b.csv"\r\nContent-Type: text/csv\r\n\r\n\r\n--\r\n\r\n--c2? no\n\r\n',
  '--b--\r\nafter',
].join('')

test('parts are read alike however the form is cut into pieces', async () => {
  const whole = await read(cut(FORM, FORM.length))
  assert.deepEqual(whole[0], ['csrf', null, 'é\r\n--not'])
  assert.deepEqual(whole[1]?.slice(0, 2), ['file', 'a b.csv'])
  for (const size of [1, 2, 3, 5, 7, 11, 64]) assert.deepEqual(await read(cut(FORM, size)), whole, String(size))
})

test('a part that is not read is passed over', async () => {
  const names: string[] = []
  for await (const { name } of readParts(cut(FORM, 4), 'b')) names.push(name)
  assert.deepEqual(names, ['csrf', 'file'])
})

test('what is no form, or is cut off, is refused', async () => {
  for (const text of [
    '',
    'nothing',
    '--b\r\n',
    '--b\r\ncontent-disposition: form-data; name="a"\r\n\r\nvalue',
    '--b\r\ncontent-disposition: form-data\r\n\r\nvalue\r\n--b--',
    '--b\r\ncontent-type: text/plain\r\n\r\nvalue\r\n--b--',
    '--bx\r\ncontent-disposition: form-data; name="a"\r\n\r\nvalue\r\n--b--',
    `--b\r\n${'x: y\r\n'.repeat(5_000)}`,
  ])
    await assert.rejects(read(cut(text, 10)), MultipartError, JSON.stringify(text.slice(0, 40)))
})

test('the boundary is read from the type, quoted or not', () => {
  assert.equal(boundaryOf('multipart/form-data; boundary=----abc123'), '----abc123')
  assert.equal(boundaryOf('Multipart/Form-Data; charset=utf-8; Boundary="a b"'), 'a b')
  for (const type of [
    '',
    'text/csv',
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'multipart/mixed; boundary=a',
  ])
    assert.equal(boundaryOf(type), null, type)
})
