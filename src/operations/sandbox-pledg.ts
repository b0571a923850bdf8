import type { Deps } from '../deps.ts'
import { findMerchantKey } from '../storage/merchant-keys.ts'
import { findCompanyOfParty, listCompanyMerchants, type Merchant } from '../storage/merchants.ts'
import { findWallet } from '../storage/wallets.ts'
import { openWallet } from './open-wallet.ts'
import { createMerchantKey } from './purchases/change-merchant.ts'
import { createCompany, createMerchant } from './purchases/create-merchant.ts'
import type { PlanInput } from './purchases/merchant-input.ts'
import { openMerchantSecret } from './purchases/sign-token.ts'

/** What the sandbox's merchant proves itself with, as `sandbox.json` has it. */
export type SandboxPledg = {
  pledg: {
    api_key: string
    api_secret: string
    merchant_uid: string
    company_uid: string
    merchant_secret: string
    dashboard: { email: string; password: string }
  }
}

export const DASHBOARD_EMAIL = 'dashboard@sandbox.example'
export const LENDER = 'Sandbox lender'

/** opened with the wallets of the merchant's client */
const MERCHANT_WALLET = 'shop:corner-cafe:EUR'
/** Lends without end: what it is below zero is what people still owe. */
const FINANCING = 'financing:sandbox:EUR'
const FEES = 'lender:sandbox:EUR'

const PLANS: readonly PlanInput[] = [
  { name: 'now', kind: 'now' },
  { name: 'deferred', kind: 'deferred', days: 30 },
  { name: '3x', kind: 'instalments', parts: 3 },
]

type PledgSandboxDeps = Pick<Deps, 'db' | 'ledger' | 'keyring' | 'clock'>

/** Makes what the sandbox lacks of purchases: a company with one merchant that is paid in EUR, its lender, a key. */
export async function fillPledg(
  deps: PledgSandboxDeps,
  parties: { merchant: string; lender: string },
  known: Partial<SandboxPledg> | null,
  dashboard: SandboxPledg['pledg']['dashboard'],
): Promise<SandboxPledg> {
  const company =
    (await findCompanyOfParty(deps.db, parties.merchant)) ??
    (await createCompany(deps, { partyId: parties.merchant, name: 'Corner Café' }))
  const merchant = await ensureMerchant(deps, parties, company)
  const kept = known?.pledg
  const live = kept?.api_secret ? await findMerchantKey(deps.db, { key: kept.api_key }) : undefined
  const key =
    kept && live
      ? { key: kept.api_key, secret: kept.api_secret }
      : await createMerchantKey(deps, { companyId: company.id })
  return {
    pledg: {
      api_key: key.key,
      api_secret: key.secret,
      merchant_uid: merchant.uid,
      company_uid: company.uid,
      merchant_secret: openMerchantSecret(deps.keyring, merchant) ?? '',
      dashboard,
    },
  }
}

async function ensureMerchant(
  deps: PledgSandboxDeps,
  parties: { merchant: string; lender: string },
  company: { id: string },
): Promise<Merchant> {
  // One that an operator has disabled stays so.
  const existing = (await listCompanyMerchants(deps.db, company.id, { disabled: true }))[0]
  if (existing) return existing
  const wallets = [
    { id: FINANCING, lower: null, partyId: parties.lender },
    { id: FEES, partyId: parties.lender },
  ]
  for (const wallet of wallets) if (!(await findWallet(deps.db, wallet.id))) await openWallet(deps, 'sandbox', wallet)
  const made = await deps.db.transaction((sql) =>
    createMerchant(
      { ...deps, db: sql },
      {
        partyId: parties.merchant,
        name: 'Corner Café',
        company: company.id,
        wallet: MERCHANT_WALLET,
        financing: FINANCING,
        fees: FEES,
        plans: PLANS,
      },
    ),
  )
  return made.merchant
}
