import type { Sql } from '../../../src/storage/database.ts'
import type { Deps } from './installation.ts'

/**
 * A job of the worker looks through a whole database; here it sees what belongs to one life. `from` is a part of its statement's
 * text, to which a condition is added.
 */
export function scoped(deps: Deps, from: string, condition: string): Deps {
  let met = false
  const of = (sql: Sql): Sql => ({
    query<Row>(text: string, values?: unknown[]) {
      if (!text.includes(from)) return sql.query<Row>(text, values)
      met = true
      return sql.query<Row>(text.replace(from, `${from} ${condition} and`), values)
    },
  })
  const db = { ...deps.db, ...of(deps.db) }
  return {
    ...deps,
    db,
    ledger: {
      ...deps.ledger,
      submit(command) {
        // Else it would be the whole database's after all.
        if (!met) throw new Error(`no statement has ${from}`)
        return deps.ledger.submit(command)
      },
    },
  }
}
