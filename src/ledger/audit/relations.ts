import type { Snapshot } from '../../storage/snapshot.ts'
import { countRest, LISTED } from './entries.ts'
import { type Findings, rowName } from './findings.ts'

/** What is owed in an asset is owed by somebody: all balances of it sum up to nothing. */
export async function auditConservation(snapshot: Snapshot, findings: Findings): Promise<void> {
  const rows = await snapshot.query<{ asset_id: number; sum: string }>(
    'select asset_id, sum(balance)::text as sum from account group by asset_id having sum(balance) <> 0 order by asset_id',
  )
  for (const { asset_id, sum } of rows) {
    findings.add(
      'conservation',
      rowName('asset', { id: asset_id }),
      `the balances of all accounts in it sum up to ${sum}, not to 0`,
    )
  }
}

/** Both accounts of a hold exist and are in its asset. */
export async function auditHolds(snapshot: Snapshot, findings: Findings): Promise<void> {
  const rows = await snapshot.query<{ id: string; total: bigint }>(
    `select h.id, count(*) over () as total
     from hold h left join account s on s.id = h.source left join account t on t.id = h.target
     where s.asset_id is distinct from h.asset_id or t.asset_id is distinct from h.asset_id order by h.id limit ${LISTED}`,
  )
  for (const { id } of rows) {
    findings.add('holds', rowName('hold', { id }), 'one of its accounts does not exist or is in another asset')
  }
  countRest(findings, 'holds', rows)
}

/** Every wallet shows an account in its own currency. */
export async function auditDirectory(snapshot: Snapshot, findings: Findings): Promise<void> {
  const rows = await snapshot.query<{ id: bigint; currency: string; code: string | null; total: bigint }>(
    `select w.id, w.currency, s.code, count(*) over () as total
     from wallet w left join account a on a.id = w.id left join asset s on s.id = a.asset_id
     where s.code is distinct from w.currency or w.asset_id <> a.asset_id order by w.id limit ${LISTED}`,
  )
  for (const { id, currency, code } of rows) {
    const account =
      code === null
        ? 'its account does not exist'
        : code === currency
          ? 'its account is in another asset than it says'
          : `its account is in ${code}, but its id says ${currency}`
    findings.add('directory', rowName('wallet', { id }), account)
  }
  countRest(findings, 'directory', rows)
}
