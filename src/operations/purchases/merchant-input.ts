import { AmountError, parseSignedAmount } from '../../domain/money.ts'
import { type PlanTerms, ScheduleError, scheduleRules, simulateSchedule } from '../../domain/schedule.ts'
import type { MerchantPlan } from '../../storage/merchants.ts'
import type { Wallet } from '../../storage/wallets.ts'
import { OperationRefusal } from '../input.ts'

/** A plan as it is asked for: `now`, `deferred` by days, or `instalments` in parts. */
export type PlanInput = {
  name: string
  kind: PlanTerms['kind']
  parts?: number
  days?: number
  /** of the amount, in hundredths of a percent */
  feeBp?: number
  /** in the merchant's currency */
  minAmount?: number | string
  maxAmount?: number | string | null
}

const wrong = (message: string) => new OperationRefusal('invalid_input', 'plans', message)

/** @param of where the money of the plan comes from and its fee goes to; account ids @throws {OperationRefusal} */
export function readPlan(
  input: PlanInput,
  of: { wallet: Wallet; financing: bigint | null; fees: bigint | null },
): MerchantPlan {
  const { name, kind, feeBp = 0 } = input
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(name)) throw wrong('a name has 1 to 32 lower-case letters, digits and dashes')
  if ((input.parts !== undefined) !== (kind === 'instalments')) throw wrong('instalments, and no others, have parts')
  if ((input.days !== undefined) !== (kind === 'deferred')) throw wrong('a deferred plan, and no other, has days')
  if (kind !== 'now' && of.financing === null)
    throw wrong('the merchant has no financing account for what is paid later')
  if (feeBp > 0 && kind === 'now') throw wrong('what is paid now has no fee')
  if (feeBp > 0 && of.fees === null) throw wrong('the merchant has no wallet for fees')
  const terms: PlanTerms =
    kind === 'now'
      ? { kind }
      : kind === 'deferred'
        ? { kind, days: input.days as number }
        : { kind, parts: input.parts as number }
  try {
    simulateSchedule({ amount: 1_000_000n, terms, created: '2024-01-31', feeBp })
  } catch (error) {
    if (error instanceof ScheduleError) throw wrong(error.message)
    throw error
  }
  const minAmount = readAmount(input.minAmount, of.wallet.asset.exponent) ?? 1n
  const maxAmount = readAmount(input.maxAmount ?? undefined, of.wallet.asset.exponent) ?? null
  if (maxAmount !== null && maxAmount < minAmount) throw wrong('the greatest amount is below the least one')
  return { name, terms, feeBp, minAmount, maxAmount }
}

function readAmount(value: number | string | undefined, exponent: number): bigint | undefined {
  if (value === undefined) return undefined
  try {
    const amount = parseSignedAmount(value, exponent)
    if (amount > 0n && amount <= 10n ** 15n) return amount
  } catch (error) {
    if (!(error instanceof AmountError)) throw error
    throw wrong(error.message)
  }
  throw wrong('an amount is above zero')
}

export function readLinkSeconds(seconds: number): number {
  const days = scheduleRules.longestMonths * 31
  if (Number.isInteger(seconds) && seconds >= 60 && seconds <= 86_400 * Math.min(days, 366)) return seconds
  throw new OperationRefusal('invalid_input', 'link_seconds', 'links live 60 seconds to 366 days')
}

/** An absolute http(s) address without credentials; null: none. */
export function readUrl(field: string, text: string | null): string | null {
  if (text === null) return null
  const url = text.length <= 2000 ? URL.parse(text) : null
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.password) return url.href
  throw new OperationRefusal('invalid_input', field, 'is no http(s) address')
}

/** Names of hosts, without ports. */
export function readHosts(hosts: readonly string[]): string[] {
  return hosts.map((host) => {
    const name = host.toLowerCase()
    if (URL.parse(`https://${name}/`)?.hostname === name && name.length <= 253) return name
    throw new OperationRefusal('invalid_input', 'redirect_hosts', `${host} is no name of a host`)
  })
}
