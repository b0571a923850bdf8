import { randomBytes } from 'node:crypto'
import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { ADMIN_SCOPES } from '../credentials/admin-scopes.ts'
import { WALLET_SCOPES } from '../credentials/scopes.ts'
import { hashSecret } from '../credentials/secrets.ts'
import type { Deps } from '../deps.ts'
import { findLiveApiKey, revokeApiKeysNamed, updateApiKeyScopes } from '../storage/api-keys.ts'
import { insertMerchantOfBrands } from '../storage/card-use.ts'
import { findClient } from '../storage/clients.ts'
import { findPartyByName, findSignIn, updatePassword } from '../storage/parties.ts'
import { findRefillPolicy } from '../storage/refill-policies.ts'
import { findWallet } from '../storage/wallets.ts'
import { changeClient } from './change-client.ts'
import { createApiKey } from './create-api-key.ts'
import { createClient } from './create-client.ts'
import { createParty } from './create-party.ts'
import { createSignIn } from './create-sign-in.ts'
import { openWallet } from './open-wallet.ts'
import { rotateClientSecret } from './rotate-client-secret.ts'
import { rotateSigningSecret } from './rotate-signing-secret.ts'
import { BRANDS, BRANDS_PARTY, PARTNER } from './sandbox-brands.ts'
import { fillGiftCards, type SandboxPartner } from './sandbox-gift-cards.ts'
import { fillJackpot, type SandboxJackpot } from './sandbox-jackpot.ts'
import {
  BROWSER,
  GATEWAY,
  GATEWAY_WALLETS,
  MERCHANT,
  MERCHANT_WALLETS,
  OPERATOR,
  PEOPLE,
  type SandboxPerson,
  SECOND_OPERATOR,
  TILL,
} from './sandbox-plan.ts'
import { DASHBOARD_EMAIL, fillPledg, LENDER, type SandboxPledg } from './sandbox-pledg.ts'
import { setRefillPolicy } from './set-refill-policy.ts'

type SandboxClient = { client_id: string; client_secret: string; signing_secret: string; wallets: string[] }

/** `sandbox.json`: where the sandbox is and every credential of it. Later protocols add members. */
export type SandboxFile = {
  url: string
  operator: { email: string; password: string; api_key: string }
  /** approves what the first one may not move alone */
  second_operator: { email: string; password: string }
  people: { name: string; email: string; password: string; wallets: string[] }[]
  /** opens /till, as the merchant that takes the sandbox's gift cards */
  till: { email: string; password: string }
  clients: {
    gateway: SandboxClient
    merchant: SandboxClient & { redirect_uris: string[] }
    browser: { client_id: string; redirect_uris: string[] }
  }
} & SandboxPartner &
  SandboxJackpot &
  SandboxPledg

type SandboxDeps = Pick<Deps, 'db' | 'ledger' | 'keyring' | 'passwords' | 'clock' | 'config' | 'gift'>

/**
 * Makes what the sandbox lacks and writes down its credentials. May be killed anywhere and run again: what the file does not
 * know of is given a new secret.
 * @returns the path of `sandbox.json`
 */
export async function fillSandbox(deps: SandboxDeps, url: string): Promise<string> {
  const path = join(deps.config.home, 'sandbox.json')
  const known = await readKnown(path)
  const operator = await ensureParty(deps, 'business', OPERATOR.name)
  const second = await ensureParty(deps, 'business', SECOND_OPERATOR.name)
  const gateway = await ensureParty(deps, 'business', GATEWAY.name)
  const merchant = await ensureParty(deps, 'business', MERCHANT.name)
  const [partner, brands] = [
    await ensureParty(deps, 'business', PARTNER.name),
    await ensureParty(deps, 'business', BRANDS_PARTY),
  ]
  // Side by side: passwords are hashed by threads, and what opens wallets shares the ledger's commits.
  const [giftCards, till, dashboard, signIn, second_operator, apiKey, gatewayClient, merchantClient, browser, people] =
    await Promise.all([
      fillGiftCards(deps, { partner, brands, gateway }, known),
      ensureTill(deps, merchant, known?.till),
      ensureSignIn(deps, merchant, DASHBOARD_EMAIL, known?.pledg?.dashboard, false),
      ensureSignIn(deps, operator, OPERATOR.email, known?.operator, true),
      ensureSignIn(deps, second, SECOND_OPERATOR.email, known?.second_operator, true),
      ensureApiKey(deps, operator, known),
      ensureClient(deps, gateway, GATEWAY, known?.clients?.gateway, GATEWAY_WALLETS),
      ensureClient(deps, merchant, MERCHANT, known?.clients?.merchant, MERCHANT_WALLETS),
      ensureBrowserClient(deps, merchant),
      ensurePeople(deps, known),
    ])
  // It sells into a wallet that was opened with the merchant's client.
  const lender = await ensureParty(deps, 'business', LENDER)
  const whole: SandboxFile = {
    url,
    operator: { ...signIn, api_key: apiKey },
    second_operator,
    people,
    till,
    clients: {
      gateway: gatewayClient,
      merchant: { ...merchantClient, redirect_uris: MERCHANT.redirectUris },
      browser,
    },
    ...giftCards,
    ...(await fillJackpot(deps, known)),
    ...(await fillPledg(deps, { merchant, lender }, known, dashboard)),
  }
  await insertMerchantOfBrands(
    deps.db,
    BRANDS.map(({ slug }) => slug),
    merchant,
  )
  const text = `${JSON.stringify(whole, null, 2)}\n`
  if (text !== (await readFile(path, 'utf8').catch(() => ''))) await writePrivate(path, text)
  await writePrivate(join(deps.config.home, 'sandbox.env'), shellVariables(whole))
  return path
}

async function readKnown(path: string): Promise<Partial<SandboxFile> | null> {
  try {
    const known: Partial<SandboxFile> | null = JSON.parse(await readFile(path, 'utf8'))
    return Array.isArray(known?.people) ? known : null
  } catch {
    return null
  }
}

async function ensureParty(deps: SandboxDeps, kind: 'person' | 'business', name: string): Promise<string> {
  return ((await findPartyByName(deps.db, name)) ?? (await createParty(deps, { kind, name }))).id
}

async function ensureSignIn(
  deps: SandboxDeps,
  partyId: string,
  email: string,
  known: { email: string; password: string } | undefined,
  operator: boolean,
): Promise<{ email: string; password: string }> {
  const existing = await findSignIn(deps.db, email)
  if (existing && known?.password) return { email, password: known.password }
  const password = randomBytes(15).toString('base64url')
  if (existing) await updatePassword(deps.db, email, await deps.passwords.hash(password))
  else await createSignIn(deps, { partyId, email, password, operator })
  return { email, password }
}

async function ensurePeople(deps: SandboxDeps, known: Partial<SandboxFile> | null): Promise<SandboxFile['people']> {
  const there = await Promise.all(
    PEOPLE.map(async ({ name, email, wallets }) => {
      const party = await ensureParty(deps, 'person', name)
      const before = known?.people?.find((person) => person.email === email)
      return { party, name, wallets, signIn: await ensureSignIn(deps, party, email, before, false) }
    }),
  )
  // One after the other: a parent's wallet is there before its child's.
  for (const { party, wallets } of there) await ensureWallets(deps, party, wallets)
  return there.map(({ name, signIn, wallets }) => ({ name, ...signIn, wallets: wallets.map(({ id }) => id) }))
}

async function ensureTill(
  deps: SandboxDeps,
  merchant: string,
  known: SandboxFile['till'] | undefined,
): Promise<SandboxFile['till']> {
  await ensureWallets(deps, merchant, TILL.wallets)
  return ensureSignIn(deps, merchant, TILL.email, known, false)
}

const API_KEY_NAME = 'sandbox'

async function ensureApiKey(deps: SandboxDeps, partyId: string, known: Partial<SandboxFile> | null): Promise<string> {
  const kept = known?.operator?.api_key
  const live = kept && (await findLiveApiKey(deps.db, hashSecret(kept)))
  if (live) {
    // A newer version may have more of them.
    if (ADMIN_SCOPES.some((scope) => !live.scopes.includes(scope)))
      await updateApiKeyScopes(deps.db, live.id, ADMIN_SCOPES)
    return kept
  }
  await revokeApiKeysNamed(deps.db, partyId, API_KEY_NAME)
  const { apiKey } = await createApiKey(deps, { partyId, name: API_KEY_NAME, scopes: [...ADMIN_SCOPES] })
  return apiKey
}

async function ensureClient(
  deps: SandboxDeps,
  partyId: string,
  plan: { name: string; client: string; redirectUris?: string[] },
  known: SandboxClient | undefined,
  wallets: SandboxPerson['wallets'],
): Promise<SandboxClient> {
  await ensureWallets(deps, partyId, wallets)
  const id = plan.client
  const reach = wallets.map((wallet) => wallet.id)
  if (await findClient(deps.db, id)) {
    const client_secret = known?.client_secret ?? (await rotateClientSecret(deps, { id })).clientSecret
    const signing_secret = known?.signing_secret ?? (await rotateSigningSecret(deps, { id })).signingSecret
    return { client_id: id, client_secret, signing_secret, wallets: reach }
  }
  const made = await createClient(deps, {
    id,
    partyId,
    name: plan.name,
    redirectUris: plan.redirectUris ?? [],
    scopes: [...WALLET_SCOPES],
  })
  return {
    client_id: id,
    client_secret: made.clientSecret as string,
    signing_secret: made.signingSecret as string,
    wallets: reach,
  }
}

async function ensureBrowserClient(deps: SandboxDeps, partyId: string): Promise<SandboxFile['clients']['browser']> {
  const { client: id, name, redirectUris, implicit } = BROWSER
  const existing = await findClient(deps.db, id)
  if (!existing) {
    await createClient(deps, { id, partyId, name, public: true, redirectUris, implicit, scopes: [...WALLET_SCOPES] })
  } else if (!existing.implicit) await changeClient(deps, id, { implicit })
  return { client_id: id, redirect_uris: redirectUris }
}

// One after the other: the order in which they are opened is that in which people see them.
async function ensureWallets(deps: SandboxDeps, partyId: string, wallets: SandboxPerson['wallets']): Promise<void> {
  for (const { lower = '0', refills, ...wallet } of wallets) {
    const { id } =
      (await findWallet(deps.db, wallet.id)) ??
      (await openWallet(deps, 'sandbox', { ...wallet, partyId, lower: lower === 'none' ? null : lower }))
    // Only where none was ever set: one that was ended stays so.
    if (refills && (await findRefillPolicy(deps.db, id)) === undefined)
      await setRefillPolicy(deps, 'sandbox', wallet.id, refills)
  }
}

/** For a shell: `. sandbox.env`. Every value is of characters that need no quoting but the quotes. */
function shellVariables({ url, operator, clients, people, walleo, tillo, jackpot, pledg }: SandboxFile): string {
  const usd = (wallets: string[] | undefined) => wallets?.find((id) => id.endsWith(':USD')) ?? ''
  const variables = {
    BILLFOLD_URL: url,
    OPERATOR_API_KEY: operator.api_key,
    GATEWAY_CLIENT_ID: clients.gateway.client_id,
    GATEWAY_CLIENT_SECRET: clients.gateway.client_secret,
    GATEWAY_SIGNING_SECRET: clients.gateway.signing_secret,
    GATEWAY_USD: usd(clients.gateway.wallets),
    MERCHANT_CLIENT_ID: clients.merchant.client_id,
    MERCHANT_CLIENT_SECRET: clients.merchant.client_secret,
    MERCHANT_SIGNING_SECRET: clients.merchant.signing_secret,
    MERCHANT_USD: usd(clients.merchant.wallets),
    PERSON_USD: usd(people[0]?.wallets),
    WALLEO_API_KEY: walleo.api_key,
    WALLEO_IDENTIFIER: walleo.identifier,
    WALLEO_SHARED_KEY: walleo.shared_key,
    TILLO_API_KEY: tillo.api_key,
    TILLO_SECRET: tillo.secret,
    JACKPOT_API_KEY: jackpot.api_key,
    JACKPOT_API_SIGNATURE: jackpot.api_signature,
    JACKPOT_CLIENT_SECRET: jackpot.client_secret,
    PLEDG_API_KEY: pledg.api_key,
    PLEDG_API_SECRET: pledg.api_secret,
    PLEDG_MERCHANT_UID: pledg.merchant_uid,
    PLEDG_MERCHANT_SECRET: pledg.merchant_secret,
  }
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}='${value}'\n`)
    .join('')
}

/** Whole or not at all, and only for the owner's eyes. */
async function writePrivate(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}`
  const file = await open(draft, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, path)
}
