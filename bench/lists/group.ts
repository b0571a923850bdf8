import type { Sql } from '../../src/storage/database.ts'

/** Who opens pages: who runs the installation, a business that has most of all rows, one that has the forty oldest, and the admin API. */
export type Who = 'operator' | 'big' | 'small' | 'api'

/** What stands for rows of the filled tables; `facts` are ids of the businesses and of what they sell. */
export type Places = {
  readonly rows: number
  id(n: number): string
  readonly facts: Readonly<Record<string, string>>
}

/** What a page goes on after. `null`: it has no pages. */
type Cursor = 'id' | 'account' | 'name' | 'number' | null

/** `searches`: queries, separated by blanks. */
export type List = {
  readonly path: string
  readonly cursor: Cursor
  readonly searches: string
  readonly who: readonly Who[]
}

/** Tables that are filled together, each by a statement, in the order of their needs; and the lists that read them. */
export type Group = {
  readonly name: string
  readonly fill: Readonly<Record<string, string>>
  /** what no statement can write: values sealed with the server's key, of the rows that pages show */
  seal?(sql: Sql, rows: number): Promise<void>
  lists(places: Places): readonly List[]
}

export const operators: readonly Who[] = ['operator']
export const businesses: readonly Who[] = ['big', 'small']
export const everyone: readonly Who[] = ['operator', ...businesses]

const at =
  (base: string, usual: readonly Who[]) =>
  (path: string, cursor: Cursor = null, searches = '', who = usual): List => ({
    path: base + path,
    cursor,
    searches,
    who,
  })

export const consoleOf = at('/console', operators)
export const admin = at('/admin/v1', ['api'])
export const wallet = at('/wallet', ['big'])

/** A client's or a brand's. */
export const nameOf = (n: number): string => `grown-${String(n).padStart(8, '0')}`

/** A day in the midst of the rows. */
export const midst = (): string => new Date(Date.now() - 10 * 86_400_000).toISOString().slice(0, 10)

export type Look = { readonly who: Who; readonly path: string }

/** Every look: each list from its beginning, from its midst and near both its ends, without a search and with each. */
export function looks(group: Group, places: Places): Look[] {
  const { rows, id } = places
  const cursors = { id, account: (n: number) => String(5_000_000_000 + n), name: nameOf, number: String }
  const starts = [Math.ceil(rows / 2), 21, rows - 20]
  return group.lists(places).flatMap(({ path, cursor, searches, who }) => {
    const word = path.startsWith('/admin') ? 'cursor' : path.startsWith('/wallet') ? 'before' : 'after'
    const from = cursor === null ? [] : starts.map((n) => `${word}=${cursors[cursor](n)}`)
    return who.flatMap((one) =>
      ['', ...searches.trim().split(/\s+/)].flatMap((search, index) =>
        index > 0 && search === ''
          ? []
          : ['', ...from].map((place) => ({ who: one, path: withQuery(path, search, place) })),
      ),
    )
  })
}

function withQuery(path: string, ...parts: readonly string[]): string {
  const query = parts.filter((part) => part !== '').join('&')
  return query === '' ? path : `${path}?${query}`
}
