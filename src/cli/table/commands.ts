import { audit, backup, exportBooks, restore } from './books.ts'
import { jackpot, merchant, webhook } from './commerce.ts'
import { client, party, person, wallet } from './directory.ts'
import type { CommandEntry } from './entry.ts'
import { brand, card, order, partner, stock } from './gift-cards.ts'
import { openapi } from './reference.ts'
import { completion, key, migrate, sandbox, serve, start } from './server.ts'
import { sign, verify } from './signing.ts'

/**
 * Every command, in the order in which help lists them. Help, the refusal of wrong calls, the completion of shells and docs/cli.md
 * are made of this table, and so is the table in the README.
 */
export const commands = {
  start,
  serve,
  migrate,
  key,
  sandbox,
  party,
  person,
  wallet,
  client,
  partner,
  brand,
  jackpot,
  stock,
  order,
  card,
  merchant,
  webhook,
  sign,
  verify,
  openapi,
  audit,
  export: exportBooks,
  backup,
  restore,
  completion,
} as const satisfies Readonly<Record<string, CommandEntry>>

export type CommandName = keyof typeof commands

export const isCommand = (name: string): name is CommandName => Object.hasOwn(commands, name)

export const commandEntries = Object.entries(commands) as readonly (readonly [CommandName, CommandEntry])[]
