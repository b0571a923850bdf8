import { randomBytes } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createKeyring } from '../../../src/credentials/keyring.ts'
import { createLocalRates } from '../../../src/credentials/rate.ts'
import { WALLET_SCOPES } from '../../../src/credentials/scopes.ts'
import { type CreateClientInput, createClient } from '../../../src/operations/create-client.ts'
import { createParty } from '../../../src/operations/create-party.ts'
import { createOauth, type Oauth } from '../../../src/protocols/oauth/oauth.ts'
import type { People } from '../../../src/protocols/oauth/people.ts'
import type { OauthSettings } from '../../../src/protocols/oauth/settings.ts'
import type { Database } from '../../../src/storage/database.ts'
import { createTestDatabase } from '../../support/database.ts'

export const ISSUER = 'https://wallet.example'

export type Answer = { status: number; headers: IncomingHttpHeaders; text: string; body: Record<string, unknown> }

export type TokenBody = { access_token: string; refresh_token: string; expires_in: number; scope: string }

/** One server process of the authorization server, listening, on a clock that the test moves. */
export type Process = {
  oauth: Oauth
  send(path: string, options?: SendOptions): Promise<Answer>
  close(): Promise<void>
}

export type SendOptions = { method?: string; headers?: Record<string, string>; body?: string; chunked?: boolean }

export type ClientCredentials = { id: string; secret: string; signingSecret: string; partyId: string }

/** A database with the means to make clients, wallets and server processes on it. */
export async function createHarness() {
  const { db, drop } = await createTestDatabase()
  const keyring = createKeyring([randomBytes(32)])
  const time = { offset: 0 }
  const clock = () => Date.now() + time.offset
  // The caches' own time moves with the same offset, so that five seconds need not be waited for.
  const monotonic = () => performance.now() + time.offset
  const logged: string[] = []
  const write = (fields: object, message: string) => logged.push(`${JSON.stringify(fields)} ${message}`)
  const log = { info: write, warn: write, error: write }
  const processes: Process[] = []
  let nextWallet = 1000n

  async function start(settings: Partial<OauthSettings> = {}, through: Database = db): Promise<Process> {
    const publicUrls = [`${ISSUER}/ignored/path`, 'http://localhost:8080']
    const parts = { db: through, keyring, publicUrls, clock, monotonic, log, people, addressOf, settings }
    const oauth = await createOauth({ ...parts, rates: createLocalRates() })
    const server = createServer((req, res) =>
      req.url?.startsWith('/interaction/') ? void decide(oauth, req, res) : oauth.handle(req, res),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const process: Process = {
      oauth,
      send: (path, options) => send(port, path, options),
      async close() {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      },
    }
    processes.push(process)
    return process
  }

  return {
    db,
    keyring,
    time,
    clock,
    logged,
    start,
    async client(input: Partial<CreateClientInput> = {}): Promise<ClientCredentials> {
      const partyId = input.partyId ?? (await createParty({ db, clock }, { kind: 'business', name: 'Café Río' })).id
      const made = await createClient({ db, keyring }, { name: 'Till', scopes: [...WALLET_SCOPES], ...input, partyId })
      return { id: made.id, secret: made.clientSecret ?? '', signingSecret: made.signingSecret ?? '', partyId }
    },
    wallet: (partyId: string, number?: string) => insertWallet(db, nextWallet++, partyId, number),
    async close() {
      await Promise.all(processes.map((one) => one.close()))
      await drop()
    },
  }
}

/**
 * Stands for the pages where only the protocol is tested: the one who is signed in and what they decide stand in headers. The
 * pages themselves are tested in test/pages/consent.
 */
const people: People = {
  signedIn: async (req) => {
    const partyId = req.headers['x-signed-in']
    return typeof partyId === 'string' ? { partyId } : null
  },
  refusalPage: (_req, refusal) => ({ headers: { 'content-type': 'text/html' }, body: JSON.stringify(refusal) }),
}

/** Each request is another's unless it says whose it is. */
const addressOf = (req: IncomingMessage) => String(req.headers['x-address'] ?? randomBytes(8).toString('hex'))

async function decide(oauth: Oauth, req: IncomingMessage, res: ServerResponse) {
  const { wallets, ...decision } = JSON.parse(String(req.headers['x-decision']))
  try {
    const path = decision.decline
      ? await oauth.interactions.decline(req, res)
      : await oauth.interactions.accept(req, res, { ...decision, walletIds: wallets.map(BigInt) })
    res.writeHead(303, { location: path }).end()
  } catch (error) {
    res.writeHead(422).end(String(error))
  }
}

export type Harness = Awaited<ReturnType<typeof createHarness>>

async function insertWallet(db: Database, id: bigint, partyId: string, number = `830${id}`) {
  await db.query(
    `insert into wallet (id, namespace, number, currency, opaque_id, party_id) values ($1, 'us', $2, 'USD', $3, $4)`,
    [id, number, `opaque${id}`, partyId],
  )
  return id
}

function send(port: number, path: string, options: SendOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = options.body === undefined ? 'GET' : 'POST', headers = {}, body } = options
    const length = body === undefined || options.chunked ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const outgoing = request(
      { port, host: '127.0.0.1', path, method, headers: { ...length, ...headers } },
      (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk) => chunks.push(chunk))
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          const json = incoming.headers['content-type']?.includes('json')
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            text,
            body: json && text ? JSON.parse(text) : {},
          })
        })
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

export const basic = (client: { id: string; secret: string }) =>
  `Basic ${Buffer.from(`${encodeURIComponent(client.id)}:${encodeURIComponent(client.secret)}`).toString('base64')}`

export const form = (body: Record<string, string> | [string, string][], headers: Record<string, string> = {}) => ({
  headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  body: new URLSearchParams(body).toString(),
})

export const json = (body: unknown, headers: Record<string, string> = {}) => ({
  headers: { 'content-type': 'application/json', ...headers },
  body: typeof body === 'string' ? body : JSON.stringify(body),
})

export const secretInBody = (client: { id: string; secret: string }) => ({
  client_id: client.id,
  client_secret: client.secret,
})

/** A token by client credentials; fails the test when it is refused. */
export async function grant(process: Process, client: ClientCredentials, extra: Record<string, string> = {}) {
  const answer = await process.send(
    '/oauth/token',
    json({ grant_type: 'client_credentials', ...secretInBody(client), ...extra }),
  )
  if (answer.status !== 200) throw new Error(`no token: ${answer.text}`)
  return answer.body as TokenBody
}

export const refresh = (
  process: Process,
  client: ClientCredentials,
  token: string,
  extra: Record<string, string> = {},
) =>
  process.send(
    '/oauth/token',
    form({ grant_type: 'refresh_token', refresh_token: token, ...secretInBody(client), ...extra }),
  )
