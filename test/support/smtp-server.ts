import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'

export type Letter = { from: string; to: string[]; data: string }

export type SmtpServer = {
  url: string
  letters: Letter[]
  /** sent AUTH PLAIN, decoded */
  logins: string[]
  /** Answers a command instead of the server, for a failure; null: the server answers. */
  onCommand: (verb: string, line: string) => string | null
  close(): Promise<void>
}

/** As much of RFC 5321 as a sender needs, on a port of this machine, over a real connection. */
export async function startSmtpServer(): Promise<SmtpServer> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    converse(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const smtp: SmtpServer = {
    url: `smtp://127.0.0.1:${port}`,
    letters: [],
    logins: [],
    onCommand: () => null,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }

  function converse(socket: Socket): void {
    let pending = ''
    let letter: Letter = { from: '', to: [], data: '' }
    let inData = false
    const say = (line: string) => socket.write(`${line}\r\n`)

    function command(line: string): void {
      const verb = line.split(/[\s:]/, 1)[0]?.toUpperCase() ?? ''
      const own = smtp.onCommand(verb, line)
      if (own !== null) return void say(own)
      const address = /<([^>]*)>/.exec(line)?.[1] ?? ''
      if (verb === 'EHLO') return void say('250-test\r\n250-AUTH PLAIN\r\n250 8BITMIME')
      if (verb === 'AUTH') {
        smtp.logins.push(Buffer.from(line.split(' ')[2] ?? '', 'base64').toString())
        return void say('235 ok')
      }
      if (verb === 'MAIL') letter = { from: address, to: [], data: '' }
      if (verb === 'RCPT') letter.to.push(address)
      if (verb === 'DATA') {
        inData = true
        return void say('354 go on')
      }
      if (verb === 'QUIT') return void socket.end('221 bye\r\n')
      say('250 ok')
    }

    function dataLine(line: string): void {
      if (line !== '.') {
        letter.data += `${line.replace(/^\./, '')}\r\n`
        return
      }
      inData = false
      const own = smtp.onCommand('.', '')
      if (own === null) smtp.letters.push(letter)
      say(own ?? '250 taken')
    }

    say('220 test ESMTP')
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      pending += chunk
      for (let end = pending.indexOf('\r\n'); end >= 0; end = pending.indexOf('\r\n')) {
        const line = pending.slice(0, end)
        pending = pending.slice(end + 2)
        if (inData) dataLine(line)
        else command(line)
      }
    })
  }

  return smtp
}

export type ReadLetter = { headers: Map<string, string>; parts: Map<string, string> }

/** A letter's headers, unfolded and decoded, and its parts by type. @throws where a header is there twice */
export function readLetter(data: string): ReadLetter {
  const { headers, body } = split(data)
  const boundary = /boundary="?([^";]+)"?/.exec(headers.get('content-type') ?? '')?.[1]
  const parts = new Map<string, string>()
  const texts = boundary === undefined ? [data] : body.split(`--${boundary}`).slice(1, -1)
  for (const text of texts) {
    const part = split(text.replace(/^\r\n/, ''))
    const type = part.headers.get('content-type')?.split(';')[0] ?? 'text/plain'
    parts.set(type, decode(part.body, part.headers.get('content-transfer-encoding') ?? '7bit'))
  }
  return { headers, parts }
}

function split(text: string): { headers: Map<string, string>; body: string } {
  const end = text.indexOf('\r\n\r\n')
  const headers = new Map<string, string>()
  for (const line of text
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    if (headers.has(name)) throw new Error(`the header ${name} is there twice`)
    headers.set(name, decodeWords(line.slice(colon + 1).trim()))
  }
  return { headers, body: text.slice(end + 4) }
}

/** RFC 2047. */
const decodeWords = (text: string) =>
  text
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, how: string, word: string) =>
      how.toLowerCase() === 'b'
        ? Buffer.from(word, 'base64').toString('utf8')
        : decode(word.replaceAll('_', ' '), 'quoted-printable'),
    )

function decode(text: string, how: string): string {
  if (how === 'base64') return Buffer.from(text, 'base64').toString('utf8')
  if (how !== 'quoted-printable') return text
  const bytes = text
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
