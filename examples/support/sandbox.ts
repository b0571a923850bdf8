import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export type Client = { client_id: string; client_secret: string; signing_secret: string; wallets: string[] }
export type Person = { name: string; email: string; password: string; wallets: string[] }

/** What the examples use of `sandbox.json`. */
export type Sandbox = {
  url: string
  operator: { email: string; password: string; api_key: string }
  people: Person[]
  clients: {
    gateway: Client
    merchant: Client & { redirect_uris: string[] }
    browser: { client_id: string; redirect_uris: string[] }
  }
  pledg: { merchant_uid: string; merchant_secret: string; api_key: string; api_secret: string }
  jackpot: { api_key: string; api_signature: string; client_secret: string; allowed_domains: string[] }
}

const checkout = fileURLToPath(new URL('../..', import.meta.url))

/** The folder of the server that `npm start` runs. */
export const home = process.env.BILLFOLD_HOME || join(checkout, '.billfold')

/** Where the server is, and every credential of its sandbox. Ends the program with a sentence when there is none. */
export async function readSandbox(): Promise<Sandbox> {
  const path = join(home, 'sandbox.json')
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return end(`There is no ${path}. Run "npm start" first, and leave it running.`)
  const sandbox: Sandbox = JSON.parse(text)
  const answers = await fetch(`${sandbox.url}/readyz`).then(
    (answer) => answer.ok,
    () => false,
  )
  return answers ? sandbox : end(`Nothing answers at ${sandbox.url}. Run "npm start", and leave it running.`)
}

/** The person of the sandbox with this first name. */
export function personCalled(sandbox: Sandbox, name: string): Person {
  const person = sandbox.people.find((one) => one.name.startsWith(`${name} `))
  return person ?? end(`The sandbox knows nobody called ${name}.`)
}

/** The wallet in a currency, of those that a person or client has. */
export function walletIn(currency: string, { wallets }: { wallets: string[] }): string {
  return wallets.find((id) => id.endsWith(`:${currency}`)) ?? end(`There is no wallet in ${currency}.`)
}

function end(reason: string): never {
  console.error(reason)
  process.exit(1)
}
