// A receiver of notifications, in each of their forms: it verifies them, prints what they say, and stops by itself. With --stay it
// goes on until Ctrl-C.

import { createJackpot, importWebhookKey, type Jackpot, verifyPledgNotification, verifyWebhook } from '#sdk/index.ts'
import { fund } from './support/fund.ts'
import { NotBelieved, type Reader, startReceiver } from './support/receiver.ts'
import { personCalled, readSandbox, walletIn } from './support/sandbox.ts'
import { step, tell } from './support/say.ts'

const sandbox = await readSandbox()
const stay = process.argv.includes('--stay')

async function admin(method: string, path: string, body?: object) {
  const response = await fetch(`${sandbox.url}/admin/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${sandbox.operator.api_key}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`)
  return response.status === 204 ? {} : await response.json()
}

/** Secrets that are valid: two while one takes the other's place. */
const keys: CryptoKey[] = []
/** Ids of what was seen: a notification may come more than once. */
const seen = new Set<string>()

/** Our own events, by Standard Webhooks. */
const webhooks: Reader = async ({ header, body }) => {
  const verdict = await verifyWebhook({ header, body }, keys)
  if (!verdict.ok) throw new NotBelieved(verdict.refusal)
  const { type, timestamp, data } = JSON.parse(body)
  const again = seen.has(verdict.message.id)
  seen.add(verdict.message.id)
  return { type, ...(again && { again }), at: timestamp, ...data }
}

/** Pledg's: signed by the merchant's secret, as a token or by a hash. */
const pledg: Reader = async ({ body }) => {
  const verdict = await verifyPledgNotification(body, sandbox.pledg.merchant_secret)
  if (!verdict.ok) throw new NotBelieved(verdict.refusal)
  return { ...verdict }
}

/** Jackpot's: without a signature, so that only what the server says when it is asked is believed. */
const { api_key: apiKey, api_signature: apiSignature, client_secret: clientSecret } = sandbox.jackpot
const partner: Jackpot = createJackpot({ url: sandbox.url, apiKey, apiSignature, clientSecret })
const jackpot: Reader = async ({ body }) => {
  const verdict = await partner.verifyNotification(body)
  if (!verdict.ok) throw new NotBelieved(verdict.refusal)
  return { event: verdict.event, ...('voucher' in verdict && { voucher: verdict.voucher.id }) }
}

let notice: (type: unknown) => void
const told = new Set<unknown>()
const receiver = await startReceiver({ '/webhooks': webhooks, '/pledg': pledg, '/jackpot': jackpot }, (path, facts) => {
  step(`A notification at ${path}`)
  tell(facts)
  told.add(facts.type)
  notice?.(facts.type)
})
const arrives = (type: string) =>
  new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${type} did not come within a minute`)), 60_000)
    notice = () => {
      if (!told.has(type)) return
      clearTimeout(timer)
      resolve()
    }
    notice(null)
  })

step('The operator tells the server where to send what happens to the wallets of Ada')
const ada = personCalled(sandbox, 'Ada')
const wallet = walletIn('USD', ada)
const { party_id } = await admin('GET', `/wallets/${wallet}`)
const webhook = await admin('POST', '/webhooks', { party_id, url: `${receiver.url}/webhooks`, topics: ['wallet.*'] })
keys.push(await importWebhookKey(webhook.secret))
tell({ webhooks: `${receiver.url}/webhooks`, pledg: `${receiver.url}/pledg`, jackpot: `${receiver.url}/jackpot` })

try {
  step('It sends an event that stands for nothing')
  await admin('POST', `/webhooks/${webhook.id}/test`)
  await arrives('webhook.test')

  step('The secret is replaced: until the receiver knows the new one, the old one is good')
  const { secret } = await admin('POST', `/webhooks/${webhook.id}/rotate-secret`, {})
  step(`The bank puts 5.00 into ${ada.name}'s wallet`)
  await fund(sandbox, wallet, '5.00')
  await arrives('wallet.credited')
  keys.unshift(await importWebhookKey(secret))

  if (stay) await new Promise((resolve) => process.once('SIGINT', resolve))
} finally {
  await admin('DELETE', `/webhooks/${webhook.id}`)
  receiver.stop()
}
