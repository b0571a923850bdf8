import { createFreshCache } from '../../credentials/fresh-cache.ts'
import type { Command, Effect } from '../../ledger/command.ts'
import type { Sql } from '../../storage/database.ts'

export type VelocityRule = {
  readonly id: string
  readonly partner_id: string | null
  readonly brand_id: string | null
  readonly subject: 'partner' | 'card' | 'recipient' | 'address'
  readonly period_seconds: number
  readonly max_count: bigint | null
  readonly max_amount: bigint | null
  readonly asset_id: number | null
}

/** What is being done, for the rules to count. Amount in minor units. */
export type VelocityEvent = {
  readonly partnerId: string
  readonly brandId: string
  readonly assetId: number
  readonly amount: bigint
  /** whose use a rule about recipients, cards or addresses counts; rules about what is absent do not apply */
  readonly recipient?: string
  readonly card?: string
  /** that the request came from; of IPv6 the network */
  readonly address?: string
}

/** The rules, known to each process within five seconds of a change. */
export type VelocityRules = { effects(event: VelocityEvent, now: number): Promise<NonNullable<Command['effects']>> }

const ALL = 'all'

export function createVelocityRules(db: Sql, monotonic: () => number = () => performance.now()): VelocityRules {
  const rules = createFreshCache<VelocityRule[]>({
    load: () =>
      db.query<VelocityRule>(
        `select id, partner_id, brand_id, subject, period_seconds, max_count, max_amount, asset_id
         from velocity_rule order by id`,
      ),
    capacity: 1,
    monotonic,
  })
  return {
    async effects(event, now) {
      const found = (await rules.get(ALL)) ?? []
      return found.flatMap((rule) => {
        const subject = subjectOf(rule, event)
        if (subject === undefined) return []
        const period = Math.floor(now / 1000 / rule.period_seconds)
        const amount = rule.max_amount === null ? '0' : String(event.amount)
        const limits = [rule.max_count, rule.max_amount].map((limit) => (limit === null ? null : String(limit)))
        return [{ effect: velocityUsed, row: [rule.id, subject, String(period), amount, ...limits, rule.subject] }]
      })
    },
  }
}

/** Whose use this rule counts; undefined when it is not about this event. */
function subjectOf(rule: VelocityRule, event: VelocityEvent): string | undefined {
  if (rule.partner_id !== null && rule.partner_id !== event.partnerId) return undefined
  if (rule.brand_id !== null && rule.brand_id !== event.brandId) return undefined
  if (rule.asset_id !== null && rule.asset_id !== event.assetId) return undefined
  return rule.subject === 'partner' ? event.partnerId : event[rule.subject]
}

// Rows of one batch are added up first: `on conflict` may meet a row only once in a statement.
const velocityUsed: Effect = {
  name: 'velocity-used',
  text: `insert into velocity_use as v (rule_id, subject, period, count, amount, max_count, max_amount, kind)
    select rule_id, subject, period, count(*), sum(amount), min(max_count), min(max_amount), min(kind)
    from unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[])
      as u (rule_id, subject, period, amount, max_count, max_amount, kind)
    group by rule_id, subject, period order by rule_id, subject, period
    on conflict (rule_id, subject, period) do update set count = v.count + excluded.count,
      amount = v.amount + excluded.amount, max_count = excluded.max_count, max_amount = excluded.max_amount`,
}
