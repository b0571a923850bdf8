import { once } from 'node:events'
import { open, rename, rm } from 'node:fs/promises'
import { erasePerson } from '../operations/people/erase-person.ts'
import { personAsJson } from '../operations/people/export-person.ts'
import { readArguments, requirePositionals, runVerb } from './arguments.ts'
import { withAssembly } from './assembly.ts'
import { PlainError, UsageError } from './command.ts'
import { printJson, printRecord } from './output.ts'
import { actorName, plainly } from './plainly.ts'
import { withDatabase } from './with-database.ts'

export const run = (args: string[]) => runVerb({ export: exportData, erase }, args)

async function exportData(args: string[]): Promise<number> {
  const types = { email: 'string', output: 'string', json: 'boolean' } as const
  const { options, positionals } = readArguments(args, types)
  const [partyId = ''] = requirePositionals(positionals, 'PARTY')
  const who = { partyId, ...(options.email !== undefined && { email: options.email }) }
  await withDatabase('reads', async ({ db, keyring, clock }) => {
    const pieces = personAsJson({ db, keyring: await keyring(), clock }, who)
    if (options.output === undefined) {
      for await (const piece of pieces) if (!process.stdout.write(piece)) await once(process.stdout, 'drain')
    } else await toFile(options.output, pieces)
  })
  if (options.output !== undefined && options.json) printJson({ party_id: partyId, file: options.output })
  return 0
}

/** The file gets its name when it is whole, and only its owner reads it. */
async function toFile(path: string, pieces: AsyncIterable<string>): Promise<void> {
  const draft = `${path}.${process.pid}.part`
  const file = await open(draft, 'wx', 0o600).catch((error: Error) => {
    throw new PlainError(`${path} cannot be written: ${error.message}`)
  })
  try {
    for await (const piece of pieces) await file.writeFile(piece)
    await file.sync()
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  } finally {
    await file.close()
  }
}

async function erase(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { email: 'string', yes: 'boolean', json: 'boolean' })
  const [partyId = ''] = requirePositionals(positionals, 'PARTY')
  if (!options.yes) throw new UsageError('this cannot be undone: say --yes')
  const who = { partyId, ...(options.email !== undefined && { email: options.email }) }
  await plainly(() =>
    withAssembly(async (assembly) => {
      const { id, pseudonym, doneAt, counts } = await erasePerson(assembly, actorName(), who)
      printRecord(options.json, { id, party_id: partyId, pseudonym, done_at: doneAt.toISOString(), ...counts })
    }),
  )
  return 0
}
