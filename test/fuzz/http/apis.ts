import { apiDocuments } from '../../../src/api-documents.ts'
import { type ListedOperation, type OpenApiDocument, operationsOf } from '../../../src/openapi/document.ts'
import { API_NAMES, type ApiName } from '../../../src/openapi/names.ts'
import { createCollection } from '../../../src/openapi/postman/create-collection.ts'
import type { Item } from '../../../src/openapi/postman/types.ts'
import { createRunner, itemNamed, itemsOf } from '../../openapi/postman.ts'
import { PUBLIC_URL, type SandboxServer } from '../../support/server.ts'

/** One protocol: its document, and requests of it that their sender signs. */
export type FuzzedApi = {
  name: ApiName
  document: OpenApiDocument
  runner: ReturnType<typeof createRunner>
  requests: { item: Item; call: ListedOperation }[]
}

/** Every protocol of the server, its keys filled in and its tokens fetched. */
export async function openApis(server: SandboxServer): Promise<FuzzedApi[]> {
  const keys = keysOf(server)
  const apis: FuzzedApi[] = []
  for (const name of API_NAMES) {
    const document = await apiDocuments[name]()
    const collection = createCollection(name, document, PUBLIC_URL)
    const runner = createRunner(collection, keys[name])
    for (const first of FIRST[name] ?? []) await runner.run(itemNamed(collection, first), server.url)
    const calls = operationsOf(document)
    const requests = itemsOf(collection).flatMap((item) => {
      const call = calls.find(
        ({ operation }) => item.name === operation.summary || item.name.startsWith(`${operation.summary}: `),
      )
      return call ? [{ item, call }] : []
    })
    apis.push({ name, document, runner, requests })
  }
  return apis
}

/** Requests whose answers others need. */
const FIRST: Partial<Record<ApiName, readonly string[]>> = {
  webwallet: ['Get an access token'],
  oauth: ['Gives an access token for a grant: for itself'],
  pledg: ['Key and secret for a token of ten minutes'],
  jackpot: [
    'Opens a session of one person, or of the partner’s own machine: of the machine',
    'Opens a session of one person, or of the partner’s own machine: of one person',
  ],
}

function keysOf({ sandbox }: SandboxServer): Record<ApiName, Record<string, string>> {
  const { merchant } = sandbox.clients
  const client = { clientId: merchant.client_id, clientSecret: merchant.client_secret }
  const { walleo, tillo, pledg, jackpot } = sandbox
  return {
    webwallet: { ...client, signingSecret: merchant.signing_secret },
    oauth: client,
    walleo: { apiKey: walleo.api_key, identifier: walleo.identifier, sharedKey: walleo.shared_key },
    tillo: { apiKey: tillo.api_key, secret: tillo.secret },
    pledg: {
      apiKey: pledg.api_key,
      apiSecret: pledg.api_secret,
      merchantSecret: pledg.merchant_secret,
      merchantUid: pledg.merchant_uid,
      companyUid: pledg.company_uid,
      merchant: pledg.merchant_uid,
      company: pledg.company_uid,
    },
    jackpot: { apiKey: jackpot.api_key, apiSignature: jackpot.api_signature, clientSecret: jackpot.client_secret },
    admin: { apiKey: sandbox.operator.api_key },
  }
}
