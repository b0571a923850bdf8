import { z } from 'zod'
import { amount, name, page, timestamp, uuid, walletId } from './schema.ts'

const url = z.string().max(2000).describe('http or https; of a purchase that names none')
const hosts = z
  .array(z.string().max(253))
  .max(50)
  .describe(
    'Where a request that is not signed may send people and notifications: nowhere when empty. Signed ones may name any address',
  )
const linkSeconds = z.int().min(60).max(31_622_400).describe('How long a link waits for a person; a day when left out')
const shownAmount = z.union([z.number(), z.string()])

export const CreateCompany = z
  .strictObject({ party_id: uuid, name })
  .meta({ examples: [{ party_id: '0197b6a0-0000-7000-8000-000000000000', name: 'Corner Café' }] })
export const Company = z
  .object({ id: uuid, uid: z.string().describe('`cmp_…`'), party_id: uuid, name: z.string() })
  .describe('The merchants of a business, one for each currency')
export const CompanyPage = page(Company)

export const Plan = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be lower-case letters, digits and dashes'),
    kind: z.enum(['now', 'deferred', 'instalments']),
    parts: z.int().min(2).max(48).optional().describe('Of instalments'),
    days: z.int().min(1).max(366).optional().describe('Of a deferred plan'),
    fee_bp: z.int().min(0).max(10_000).optional().describe('Of the amount, in hundredths of a percent'),
    min_amount: amount.optional(),
    max_amount: amount.nullable().optional(),
  })
  .meta({ examples: [{ name: '3x', kind: 'instalments', parts: 3 }] })

export const CreateMerchant = z
  .strictObject({
    party_id: uuid,
    name,
    wallet: walletId.describe('Is paid: of the same party'),
    company: z.string().max(64).optional().describe('`cmp_…` or id'),
    financing: walletId.optional().describe('Pays for what is paid later: a wallet of the namespace `financing`'),
    fees: walletId.optional().describe('Gets the fees of plans'),
    plans: z.array(Plan).max(20),
    requires_signature: z
      .boolean()
      .optional()
      .describe('Whether the front takes signed requests only; true when left out'),
    manual_capture: z.boolean().optional().describe('Whether accepted purchases are held until they are captured'),
    link_seconds: linkSeconds.optional(),
    payment_notification_url: url.optional(),
    error_notification_url: url.optional(),
    redirect_hosts: hosts.optional(),
  })
  .meta({
    examples: [
      {
        party_id: '0197b6a0-0000-7000-8000-000000000000',
        name: 'Corner Café',
        wallet: 'shop:corner-cafe:EUR',
        financing: 'financing:sandbox:EUR',
        plans: [{ name: '3x', kind: 'instalments', parts: 3 }],
      },
    ],
  })

export const ChangeMerchant = z
  .strictObject({
    name: name.optional(),
    requires_signature: z.boolean().optional(),
    manual_capture: z.boolean().optional(),
    link_seconds: linkSeconds.optional(),
    payment_notification_url: url.nullable().optional(),
    error_notification_url: url.nullable().optional(),
    redirect_hosts: hosts.optional(),
  })
  .meta({ examples: [{ redirect_hosts: ['shop.example'] }] })

const ShownPlan = z.object({
  name: z.string(),
  kind: z.enum(['now', 'deferred', 'instalments']),
  parts: z.int().nullable(),
  days: z.int().nullable(),
  fee_bp: z.int(),
  min_amount: shownAmount,
  max_amount: shownAmount.nullable(),
})

export const Merchant = z
  .object({
    id: uuid,
    uid: z.string().describe('`mer_…`'),
    party_id: uuid,
    company_id: uuid.nullable(),
    name: z.string(),
    wallet: z.string(),
    currency: z.string(),
    circle: z.string(),
    financed: z.boolean().describe('Whether it may offer what is paid later'),
    plans: z.array(ShownPlan),
    requires_signature: z.boolean(),
    manual_capture: z.boolean(),
    link_seconds: z.int(),
    payment_notification_url: z.string().nullable(),
    error_notification_url: z.string().nullable(),
    redirect_hosts: z.array(z.string()),
    created_at: timestamp,
    disabled_at: timestamp.nullable(),
  })
  .describe('Who sells by the Pledg protocol, in one currency')
export const MerchantPage = page(Merchant)

const secret = z.string().describe('Signs requests and notifications. Shown in this answer and nowhere else')
export const CreatedMerchant = Merchant.extend({ secret })
export const MerchantSecret = z.object({ secret })

export const CreateMerchantKey = z
  .strictObject({
    of: z.enum(['merchant', 'company']).describe('What it reaches: the merchant, or all of its company'),
  })
  .meta({ examples: [{ of: 'merchant' }] })
export const MerchantKey = z.object({
  id: uuid,
  key: z.string(),
  merchant_id: uuid.nullable(),
  company_id: uuid.nullable(),
  created_at: timestamp,
  revoked_at: timestamp.nullable(),
})
export const MerchantKeys = z.object({ items: z.array(MerchantKey) })
export const CreatedMerchantKey = z.object({
  id: uuid,
  key: z.string(),
  merchant_id: uuid.nullable(),
  company_id: uuid.nullable(),
  secret: z.string().describe('Shown in this answer and nowhere else'),
})

const state = z.enum(['created', 'authorized', 'completed', 'cancelled', 'expired', 'voided'])
export const Purchase = z.object({
  id: uuid,
  uid: z.string().describe('`pur_…`'),
  reference: z.string(),
  title: z.string(),
  state,
  amount: shownAmount,
  captured: shownAmount.nullable().describe('What the merchant was paid'),
  credited: shownAmount,
  plan: z.string().nullable(),
  party_id: uuid.nullable().describe('Who accepted it'),
  created_at: timestamp,
  expires_at: timestamp,
  decided_at: timestamp.nullable().describe('Accepted, cancelled or expired'),
  settled_at: timestamp.nullable().describe('Paid out or released'),
})
export const PurchasePage = page(Purchase)
export const ShownPurchase = Purchase.extend({
  parts: z.array(
    z.object({
      number: z.int(),
      amount: shownAmount,
      fee: shownAmount,
      due_on: z.iso.date(),
      state: z.enum(['scheduled', 'late', 'paid', 'cancelled', 'failed']),
      paid: shownAmount,
      cancelled: shownAmount,
      attempts: z.int().describe('That failed'),
      next_attempt_at: timestamp.nullable(),
    }),
  ),
  credits: z.array(
    z.object({ id: uuid, amount: shownAmount, to_financing: shownAmount, to_wallet: shownAmount, at: timestamp }),
  ),
})

export const merchantSchemas = {
  CreateCompany,
  Company,
  CompanyPage,
  Plan,
  CreateMerchant,
  ChangeMerchant,
  Merchant,
  MerchantPage,
  CreatedMerchant,
  MerchantSecret,
  CreateMerchantKey,
  MerchantKey,
  MerchantKeys,
  CreatedMerchantKey,
  Purchase,
  PurchasePage,
  ShownPurchase,
}
