import { listKeyUse } from '../operations/keys/key-use.ts'
import { reseal } from '../operations/keys/reseal.ts'
import { SEALED_PLACES } from '../operations/keys/sealed-places.ts'
import { readArguments, requirePositionals, runVerb } from './arguments.ts'
import { printJson, printPage, remark } from './output.ts'
import { createProgress } from './progress.ts'
import { withDatabase } from './with-database.ts'

export const run = (args: string[]) => runVerb({ list, rotate }, args)

const COLUMNS = ['id', 'state', 'values', 'answers', 'last_answer_at'] as const

async function list(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  requirePositionals(positionals)
  await withDatabase('reads', async ({ db, keyring }) => {
    const items = await listKeyUse({ db, keyring: await keyring() })
    printPage(options.json, { items, next: null }, COLUMNS)
  })
  return 0
}

async function rotate(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  requirePositionals(positionals)
  return withDatabase('writes', async ({ db, keyring: openKeyring }) => {
    const keyring = await openKeyring()
    const progress = createProgress()
    const done = await reseal({ db, keyring }, (place) =>
      progress.update(`${place.table}.${place.column}`, SEALED_PLACES.indexOf(place), SEALED_PLACES.length),
    ).finally(progress.end)
    const keys = await listKeyUse({ db, keyring })
    if (options.json) printJson({ ...done, keys })
    else printPage(false, { items: keys, next: null }, COLUMNS)
    remark(`${done.sealed} values were sealed with the current key`)
    for (const [column, count] of Object.entries(done.unopened))
      remark(`${column}: no key of BILLFOLD_KEY opens ${count} values`)
    const left = keys.filter(({ state, values }) => state !== 'current' && values > 0)
    if (left.length === 0) return 0
    remark('an older key still seals values: does a server still begin its BILLFOLD_KEY with it?')
    return 1
  })
}
