import type { IncomingMessage } from 'node:http'
import { dayAt, isDay, ScheduleError, simulateSchedule } from '../../domain/schedule.ts'
import { dueNow } from '../../operations/purchases/purchase-deps.ts'
import { findCompany, findMerchant, listCompanyMerchants, type MerchantPlan } from '../../storage/merchants.ts'
import type { PledgDeps } from './call.ts'
import { invalid, notFound, PledgProblem } from './errors.ts'
import { read, readJsonBody } from './read-request.ts'
import { isUid, simulation } from './schema.ts'

type Wish = { amount: bigint; created: string; second: string | undefined }
type Line = { amount_cents: number; fees: number; payment_date: string }
/** `taeg`: what the plan costs in a year is not computed here; its fee is a rate of the amount. */
type Item = ({ INSTALLMENT: Line[] } | { DEFERRED: Line }) & { debit_rate: number; currency: string; plan: string }

/** `POST /api/users/me/merchants/{uid}/simulate_payment_schedule`: nothing is kept. Of plans of one kind the first is shown. */
export async function simulateForMerchant(deps: PledgDeps, req: IncomingMessage, uid: string): Promise<object> {
  const wish = await readSimulation(deps, req)
  const merchant = isUid('mer', uid) ? await findMerchant(deps.db, { uid }) : undefined
  if (!merchant || merchant.disabledAt !== null) throw notFound('merchant')
  const items = itemsOf(merchant.plans, wish, merchant.wallet.asset.code)
  const parts = items.find((item) => 'INSTALLMENT' in item)
  const later = items.find((item) => 'DEFERRED' in item)
  return {
    ...(parts && 'INSTALLMENT' in parts && { INSTALLMENT: parts.INSTALLMENT }),
    ...(later && 'DEFERRED' in later && { DEFERRED: later.DEFERRED }),
  }
}

/** `POST /api/users/me/companies/{uid}/simulate_payment_schedule`: every plan of every merchant of the company. */
export async function simulateForCompany(deps: PledgDeps, req: IncomingMessage, uid: string): Promise<object> {
  const wish = await readSimulation(deps, req)
  const company = isUid('cmp', uid) ? await findCompany(deps.db, { uid }) : undefined
  if (!company) throw notFound('company')
  const merchants = await listCompanyMerchants(deps.db, company.id)
  return { items: merchants.flatMap(({ plans, wallet }) => itemsOf(plans, wish, wallet.asset.code, true)) }
}

const LATEST = '9997-12-31'

async function readSimulation({ purchases }: PledgDeps, req: IncomingMessage): Promise<Wish> {
  const { amount_cents, created, second_installment_date } = read(simulation, await readJsonBody(req))
  // A year later there must still be a year of four digits.
  if (created !== undefined && (!isDay(created) || created > LATEST))
    throw invalid('created', `is a day from 1970-01-01 to ${LATEST}`)
  return {
    amount: BigInt(amount_cents),
    created: created ?? dayAt(await dueNow(purchases)),
    second: second_installment_date ?? undefined,
  }
}

/** @param lenient leaves out the plans that a date or an amount does not fit, instead of saying so */
function itemsOf(plans: readonly MerchantPlan[], { amount, created, second }: Wish, currency: string, lenient = false) {
  const items: Item[] = []
  let problem: ScheduleError | undefined
  for (const { name, terms, feeBp, minAmount, maxAmount } of plans) {
    if (terms.kind === 'now' || amount < minAmount || (maxAmount !== null && amount > maxAmount)) continue
    try {
      const parts = simulateSchedule({ amount, terms, created, second, feeBp })
      const lines = parts.map((part) => ({
        amount_cents: Number(part.amount),
        fees: Number(part.fee),
        payment_date: part.due,
      }))
      const facts = { debit_rate: feeBp / 100, currency, plan: name }
      items.push(
        terms.kind === 'deferred' ? { DEFERRED: lines[0] as Line, ...facts } : { INSTALLMENT: lines, ...facts },
      )
    } catch (error) {
      if (!(error instanceof ScheduleError)) throw error
      problem = error
    }
  }
  if (items.length === 0 && !lenient)
    throw new PledgProblem('not_eligible', problem ? `No schedule: ${problem.message}` : 'No plan fits this amount')
  return items
}
