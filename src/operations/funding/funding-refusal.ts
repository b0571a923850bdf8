import type { MoneyResult } from '../money.ts'
import type { MoneyRefusalCode } from '../money-refusal.ts'

type Code = Extract<MoneyResult, { accepted: false }>['code']

/** Why money was not moved by hand, besides what the ledger says of balances and limits. */
export type FundingRefusal =
  | Exclude<Code, MoneyRefusalCode>
  | 'wallet-not-found'
  | 'wallet-kept' // floats, books of brands, loans: they have ways of their own
  | 'bank-not-found' // no issuing account of the wallet's asset
  | 'same-person' // who asked, or somebody of the same party
  | 'decided'
  | 'expired'

/** What the checks of migration 0018 mean. */
const CONSTRAINTS: Readonly<Record<string, FundingRefusal>> = {
  funding_by_another: 'same-person',
  funding_decided_once: 'decided',
  funding_unexpired: 'expired',
}

export const fundingRefusalOf = ({ code, constraint }: Extract<MoneyResult, { accepted: false }>): FundingRefusal =>
  (constraint !== undefined && CONSTRAINTS[constraint]) || (code as FundingRefusal)
