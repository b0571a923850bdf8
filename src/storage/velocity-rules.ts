import type { Sql } from './database.ts'

export type VelocitySubject = 'partner' | 'card' | 'recipient' | 'address'

/** A limit on how much may be bought in a period, with the names of whom it is about. Amounts in minor units. */
export type VelocityListing = {
  readonly id: string
  /** slugs; null: of all */
  readonly partner: string | null
  readonly brand: string | null
  readonly subject: VelocitySubject
  readonly period_seconds: number
  readonly max_count: bigint | null
  readonly max_amount: bigint | null
  readonly currency: string | null
  readonly circle: string | null
  readonly exponent: number | null
  readonly created_at: Date
}

const RULE = `
select r.id, p.slug as partner, b.slug as brand, r.subject, r.period_seconds, r.max_count, r.max_amount, s.code as currency,
  s.circle, s.exponent, r.created_at
from velocity_rule r left join partner p on p.id = r.partner_id left join brand b on b.id = r.brand_id
left join asset s on s.id = r.asset_id`

/** @param page.partnerId only those that are about this partner, those about every partner among them */
export async function listVelocityRules(
  sql: Sql,
  { partnerId, after, limit }: { partnerId?: string | undefined; after?: string | undefined; limit: number },
): Promise<VelocityListing[]> {
  return sql.query<VelocityListing>(
    `${RULE} where ($1::uuid is null or r.id > $1) and ($3::uuid is null or r.partner_id = $3 or r.partner_id is null)
     order by r.id limit $2`,
    [after ?? null, limit, partnerId ?? null],
  )
}

export async function findVelocityRule(sql: Sql, id: string): Promise<VelocityListing | undefined> {
  return (await sql.query<VelocityListing>(`${RULE} where r.id = $1`, [id]))[0]
}

export async function insertVelocityRule(
  sql: Sql,
  rule: {
    id: string
    partnerId: string | null
    brandId: string | null
    subject: VelocitySubject
    periodSeconds: number
    maxCount: bigint | null
    maxAmount: bigint | null
    assetId: number | null
  },
): Promise<void> {
  await sql.query(
    `insert into velocity_rule (id, partner_id, brand_id, subject, period_seconds, max_count, max_amount, asset_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      rule.id,
      rule.partnerId,
      rule.brandId,
      rule.subject,
      rule.periodSeconds,
      rule.maxCount,
      rule.maxAmount,
      rule.assetId,
    ],
  )
}

/** With what was used of it. */
export async function deleteVelocityRule(sql: Sql, id: string): Promise<void> {
  await sql.query(
    'with gone as (delete from velocity_rule where id = $1 returning id) delete from velocity_use where rule_id in (select id from gone)',
    [id],
  )
}
