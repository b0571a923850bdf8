import type { TilloFloat, TilloTransfer } from '#sdk/tillo/catalogue.ts'
import { formatAmount } from '../../domain/money.ts'
import { requestFloat } from '../../operations/gift-cards/request-float.ts'
import { DEFAULT_CIRCLE } from '../../operations/open-wallet.ts'
import { type FloatRequestRow, listFloatRequests, sumPendingRequests } from '../../storage/float-requests.ts'
import { findFloatOf, listFloats } from '../../storage/partners.ts'
import { findWalletById } from '../../storage/wallets.ts'
import type { Call, Context, Handle } from './call.ts'
import { invalid, refused, TilloProblem } from './errors.ts'
import { money, readMoney } from './money.ts'
import { read, readQuery } from './read-request.ts'
import { readings } from './readings.ts'
import { floatRequest, queries } from './schema.ts'

/** `GET /check-floats`: what can be spent, and what was asked for and is not there yet. The one answer without a message. */
export const checkFloats: Handle = async ({ db, gift }, { partner, query }) => {
  const { currency } = readQuery(queries.checkFloats, query)
  const pending = new Map((await sumPendingRequests(db, partner.id)).map((it) => [it.currency, it.amount]))
  const floats: Record<string, Record<string, TilloFloat>> = {}
  for (const float of await listFloats(db, partner.id)) {
    if (float.circle !== DEFAULT_CIRCLE || (currency !== undefined && currency !== float.currency)) continue
    const amount = (minor: bigint) => money(minor, { code: float.currency, exponent: float.exponent }).amount
    floats[float.currency] = {
      [readings.float]: {
        // With the credit that the float has; one without a limit shows its balance.
        available_balance: amount(float.balance - float.held - (float.lower ?? 0n)),
        pending_payments: amount(pending.get(float.currency) ?? 0n),
      },
    }
  }
  return { data: { floats, last_refreshed_at: new Date(gift.clock()).toISOString() } }
}

/** `POST /float/request-payment-transfer`: asks an operator for money. */
export const requestTransfer: Handle = async (context, call) => {
  const input = read(floatRequest, call.body)
  const { float, currency, payment_reference: reference, finance_email, proforma_invoice } = input
  if (float !== readings.float) throw invalid('float', `There is no float [${float.slice(0, 64)}]`)
  const amount = readMoney(input.amount, await exponentOf(context, call, currency), 'amount')
  if (Number(input.amount) > readings.largestTransfer)
    throw new TilloProblem('704', `The amount must be no more than ${readings.largestTransfer}`)
  const details = { ...(finance_email && { finance_email }), ...(proforma_invoice && { proforma_invoice }) }
  const result = await requestFloat(context.gift, { partner: call.partner, currency, amount, reference, details })
  if ('refusal' in result) {
    if (result.refusal === 'float-missing') throw refused('float-missing')
    throw invalid('payment_reference', 'was used for another request')
  }
  return {
    message: 'Payment transfer requested successfully',
    data: {
      float: readings.float,
      currency,
      amount: formatAmount(result.amount, result.exponent),
      payment_reference: result.reference,
    },
  }
}

async function exponentOf({ db }: Context, { partner }: Call, currency: string): Promise<number> {
  const float = await findFloatOf(db, partner.id, currency, DEFAULT_CIRCLE)
  const wallet = float && (await findWalletById(db, float.wallet_id))
  if (!wallet) throw refused('float-missing')
  return wallet.asset.exponent
}

const DAY = 86_400_000

/** `GET /float/transfer-requests`: the latest first. */
export const listTransfers: Handle = async ({ db }, { partner, query }) => {
  const input = readQuery(queries.floatTransferRequests, query)
  if (input.float !== undefined && input.float !== readings.float) return { message: MESSAGE, data: [] }
  const from = dateOf('start_date', input.start_date)
  const until = dateOf('end_date', input.end_date)
  const rows = await listFloatRequests(
    db,
    {
      partnerId: partner.id,
      currency: input.currency,
      reference: input.payment_reference,
      status: input.status,
      from,
      // A day ends with its last moment.
      to: until && new Date(until.getTime() + (input.end_date?.length === 10 ? DAY : 1)),
    },
    { limit: readings.transferRequests },
  )
  return { message: MESSAGE, data: rows.map(renderTransfer) }
}

const MESSAGE = 'Transfer requests retrieved successfully'

function dateOf(name: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined
  // Without a zone it is UTC.
  const date = new Date(/[Zz]$|[+-]\d{2}:\d{2}$/.test(text) || text.length === 10 ? text : `${text.replace(' ', 'T')}Z`)
  if (Number.isNaN(date.getTime())) throw invalid(name, 'must be a date')
  return date
}

function renderTransfer(row: FloatRequestRow): TilloTransfer {
  const { currency, exponent } = row
  const of = (minor: bigint) => ({ currency, amount: formatAmount(minor, exponent) })
  return {
    float: readings.float,
    requested: of(row.amount),
    approved: row.approved === null ? null : of(row.approved),
    payment_reference: row.reference,
    status: row.status,
    created_at: row.created_at.toISOString(),
  }
}
